// The page that a handler drives: Puppeteer's names (puppeteer.js), phantom's names (phantom.js), over one attempt (core.js).

const { publish } = require("./calls.js");
const { PageCore } = require("./core.js");
const { PhantomPage } = require("./phantom.js");

class Page extends PhantomPage {}

publish(Page, PageCore);

module.exports = { Page };

// The page that a handler drives: Puppeteer's names (page/puppeteer.js), phantom's names (page/phantom.js), over one attempt (page/core.js).

const { publish } = require("./page/calls.js");
const { PageCore } = require("./page/core.js");
const { PhantomPage } = require("./page/phantom.js");

class Page extends PhantomPage {}

publish(Page, PageCore);

module.exports = { Page };

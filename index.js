// The package: a factory of towns, and the classes for instanceof and types.

const { TimeoutError } = require("./lib/errors.js");
const { Item } = require("./lib/town/item.js");
const { Page } = require("./lib/page/index.js");
const { ElementHandle } = require("./lib/page/puppeteer/element.js");
const { Frame } = require("./lib/page/puppeteer/frame.js");
const { JSHandle } = require("./lib/page/puppeteer/handle.js");
const { Locator } = require("./lib/page/puppeteer/locator.js");
const { customQueryHandlers } = require("./lib/page/puppeteer/p-selectors.js");
const { makeTown } = require("./lib/town/make.js");
const { Town } = require("./lib/town/index.js");

/** @param {unknown} [options] */
function boomtown(options) {
  return makeTown(options);
}

module.exports = Object.assign(boomtown, {
  boomtown,
  customQueryHandlers,
  ElementHandle,
  Frame,
  Item,
  JSHandle,
  Locator,
  Page,
  TimeoutError,
  Town,
});

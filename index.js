// The package: a factory of towns, and the classes for instanceof and types.

const { TimeoutError } = require("./lib/errors.js");
const { Item } = require("./lib/town/item.js");
const { Page } = require("./lib/page/index.js");
const { makeTown } = require("./lib/town/make.js");
const { Town } = require("./lib/town/index.js");

/** @param {unknown} [options] */
function boomtown(options) {
  return makeTown(options);
}

module.exports = Object.assign(boomtown, { boomtown, Item, Page, TimeoutError, Town });

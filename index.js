// The package: a factory of towns, and the classes for instanceof and types.

const { Item } = require("./lib/item.js");
const { Page } = require("./lib/page.js");
const { Town } = require("./lib/town.js");

/** @param {unknown} [options] */
function boomtown(options) {
  return new Town(options);
}

module.exports = Object.assign(boomtown, { boomtown, Item, Page, Town });

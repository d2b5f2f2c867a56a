// The types of arguments that several of Puppeteer's methods share.

const v = require("../../validate.js");

const TIMEOUT = v.milliseconds({ default: 30_000 });
const MOMENT = v.oneOf(["load", "domcontentloaded", "networkidle0", "networkidle2"]);
const WAIT_UNTIL = v.anyOf([MOMENT, v.arrayOf(MOMENT)], { default: "load" });
const TEXT = v.string({ required: true });
const SELECTOR = v.string({ empty: false, required: true });
const BOOLEAN = v.boolean({ required: true });
const NAVIGATION = { waitUntil: WAIT_UNTIL, timeout: TIMEOUT };

module.exports = { TIMEOUT, WAIT_UNTIL, TEXT, SELECTOR, BOOLEAN, NAVIGATION };

// The page of the handler whose code runs, also later and by callbacks.

const { AsyncLocalStorage } = require("node:async_hooks");

/** @type {AsyncLocalStorage<any>} */
const currentPage = new AsyncLocalStorage();

module.exports = { currentPage };

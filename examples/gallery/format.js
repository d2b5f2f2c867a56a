// Numbers as people read them.
"use strict";

/** @param {number} [count] */
exports.bytes = (count = 0) => (count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(2)} MB`);

/** @param {number} ms */
exports.seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;

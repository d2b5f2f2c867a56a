// biome-ignore-all lint/suspicious/noExplicitAny: items and results are the user's own

import boomtown = require("./index.js");

/**
 * The factory for programs that were written for ghost-town: `boomtown` with mode "cluster", and pages on which the names that
 * Puppeteer and phantom share (`evaluate`, `goBack`, `reload`, `setContent`, `uploadFile`, `on`, ...) mean what phantom means.
 */
declare function ghostTown<Data = any, Result = any>(
  options?: Omit<boomtown.TownOptions, "mode">,
): boomtown.Town<Data, Result>;

export = ghostTown;

// biome-ignore-all lint/suspicious/noExplicitAny: items and results are the user's own

import boomtown = require("./index.js");

/**
 * The factory for programs that were written for ghost-town: mode "cluster", with ghost-town's contract where that of `boomtown` is
 * another (see docs/migrating.md), and pages on which the names that Puppeteer and phantom share (`evaluate`, `goBack`, `reload`,
 * `setContent`, `uploadFile`, `on`, ...) mean what phantom means.
 */
declare function ghostTown<Data = any, Result = any>(
  options?: Omit<boomtown.TownOptions, "mode"> | null,
): ghostTown.Town<Data, Result>;

declare namespace ghostTown {
  /** ghost-town's properties were the program's to assign. A false `isRunning` has no worker forked again. */
  type Town<Data = any, Result = any> = boomtown.Town<Data, Result> & { isMaster: boolean; isRunning: boolean };
}

export = ghostTown;

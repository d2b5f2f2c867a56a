// biome-ignore-all lint/suspicious/noExplicitAny: items and results are the user's own

import boomtown = require("./index.js");

/** The factory for programs that were written for ghost-town: `boomtown` with mode "cluster". */
declare function ghostTown<Data = any, Result = any>(
  options?: Omit<boomtown.TownOptions, "mode">,
): boomtown.Town<Data, Result>;

export = ghostTown;

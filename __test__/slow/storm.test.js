// Storms of random faults that are long enough for faults to meet each other.

const { test } = require("node:test");
const { BROWSER } = require("../helpers/pair.js");
const { storm } = require("../helpers/run-storm.js");

/** A storm tells its browser's processes apart by Chromium's command lines. */
const skip = BROWSER !== "chromium" && "only Chromium's processes are known";

for (const mode of /** @type {const} */ (["inline", "cluster"])) {
  test(
    `a town of mode ${mode} in a storm of random faults keeps its promises`,
    { timeout: 1_200_000, skip },
    (context) => storm(context, { mode, faults: 25 }),
  );
}

// The doctor's last word: a town of one worker that renders one page, and what is left of it when it is closed.

const fs = require("node:fs");
const path = require("node:path");
const { temporaryFolder } = require("../temporary.js");
const { ok, problem, size, warning } = require("./check.js");

const PAGE = "<h1>boomtown</h1><p>a b c, \u3042\u3044\u3046, \u0627\u0628\u062a, \u{1f600}</p>";

const INSTALL_LIBRARIES =
  "install that library; on Debian and Ubuntu this installs all: npx playwright install-deps chromium";
const SEE_MORE = "for all that happens: BOOMTOWN_LOG=debug npx boomtown doctor";

/** @returns {AsyncGenerator<import("./check.js").Check>} */
async function* trial() {
  const boomtown = require("../../index.js");
  // As root there is no sandbox; that is a line of its own.
  const browser = process.getuid?.() === 0 ? { sandbox: false } : {};
  const town = boomtown({ workerCount: 1, pageTries: 0, browser });
  town.on("queue", async (/** @type {any} */ page) => {
    await page.setContent(PAGE);
    return page.screenshot({ type: "jpeg" });
  });
  try {
    yield await render(town);
  } catch (error) {
    const { code, message } = /** @type {any} */ (error);
    const isLibrary = message.includes("cannot open shared object");
    yield problem("page", `${code}: ${message}`, isLibrary ? INSTALL_LIBRARIES : SEE_MORE);
  }
  await town.close();
  const left = leftovers();
  yield left.length === 0
    ? ok("end", "the town is closed, and nothing of it is left")
    : warning("end", `left behind: ${left.join(", ")}`, "end these processes and remove these folders");
}

/** @param {import("../../index.js").Town} town */
async function render(town) {
  const start = performance.now();
  await town.ready();
  const ready = performance.now();
  const [{ browser, engine }] = town.stats().workers;
  const picture = await town.queue(null);
  const rendered = performance.now();
  const [launch, page] = [ready - start, rendered - ready].map((time) => `${time.toFixed(0)} ms`);
  return ok(
    "page",
    `${browser} by ${engine} started in ${launch}, and rendered a JPEG of ${size(picture.length)} in ${page}`,
  );
}

/** Folders and, where /proc tells of them, processes of this program's towns. */
function leftovers() {
  const town = `${process.pid}-`;
  const temporary = temporaryFolder();
  // It has been removed meanwhile, with all that was in it.
  const names = fs.existsSync(temporary) ? fs.readdirSync(temporary) : [];
  const folders = names.filter((name) => name.startsWith(`boomtown-${town}`)).map((name) => path.join(temporary, name));
  const processes = process.platform === "linux" ? fs.readdirSync("/proc").filter((id) => belongs(id, town)) : [];
  return [...folders, ...processes.map((id) => `process ${id}`)];
}

/** @param {string} id @param {string} town */
function belongs(id, town) {
  if (!/^\d+$/.test(id)) return false;
  try {
    return fs.readFileSync(`/proc/${id}/environ`, "latin1").includes(`BOOMTOWN_TOWN=${town}`);
  } catch {
    // It has ended meanwhile, or is somebody else's.
    return false;
  }
}

module.exports = { trial };

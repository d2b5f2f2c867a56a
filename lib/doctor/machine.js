// The doctor on the machine: what browsers need of the system, and which of it pages would be without.

const { execFile } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { promisify } = require("node:util");
const { VARIABLE, temporaryFolder } = require("../temporary.js");
const { ok, problem, size, warning } = require("./check.js");

/** Four browsers' profiles with their caches and downloads stay well below. */
const SPACE_ENOUGH = 512e6;
/** A process of Chromium opens some hundred files, and inherits the limit. */
const FILES_ENOUGH = 1024;
/** A browser with one page takes from 200 to 500 MB. */
const MEMORY_ENOUGH = 1e9;

/**
 * What is looked at; tests pass their own.
 * @typedef {object} Host
 * @property {string} platform
 * @property {number | undefined} uid
 * @property {number} pid
 * @property {string} temporary the folder for temporary files
 * @property {number} memory of the machine, in bytes
 * @property {number} memoryLimit of the container, in bytes; above `memory` or 0 when there is none
 * @property {() => number | "unlimited"} openFiles
 * @property {(file: string) => string | undefined} read
 * @property {(link: string) => string | undefined} readlink
 * @property {(command: string, ...args: string[]) => Promise<string | undefined>} output undefined when it failed
 * @property {(folder: string) => { total: number, free: number } | undefined} space in bytes
 */

/** @type {Host} */
const HOST = {
  platform: process.platform,
  uid: process.getuid?.(),
  pid: process.pid,
  temporary: attempt(temporaryFolder) ?? os.tmpdir(),
  memory: os.totalmem(),
  memoryLimit: process.constrainedMemory(),
  openFiles,
  read: (file) => attempt(() => fs.readFileSync(file, "utf8").trim()),
  readlink: (link) => attempt(() => fs.readlinkSync(link)),
  output: (command, ...args) =>
    promisify(execFile)(command, args).then(
      ({ stdout }) => stdout,
      () => undefined,
    ),
  space: (folder) =>
    attempt(() => {
      const { bsize, blocks, bavail } = fs.statfsSync(folder);
      return { total: bsize * blocks, free: bsize * bavail };
    }),
};

/**
 * @template T
 * @param {() => T} look
 * @returns {T | undefined}
 */
function attempt(look) {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function openFiles() {
  const report = /** @type {NodeJS.ProcessReport & { excludeNetwork?: boolean }} */ (process.report);
  // Otherwise the report looks up the names of all connected peers, which can take seconds.
  report.excludeNetwork = true;
  const { userLimits } = /** @type {any} */ (report.getReport());
  return userLimits?.open_files.soft ?? "unlimited";
}

/** What forbids a user namespace, which the sandbox is made of: the file that tells, its value, and the mend. */
const NAMESPACE_SWITCHES = [
  {
    file: "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    value: "1",
    mend: "give the browser an AppArmor profile with `userns,` (packages of Chrome bring one), or: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0",
  },
  {
    file: "/proc/sys/kernel/unprivileged_userns_clone",
    value: "0",
    mend: "sudo sysctl kernel.unprivileged_userns_clone=1",
  },
  { file: "/proc/sys/user/max_user_namespaces", value: "0", mend: "sudo sysctl user.max_user_namespaces=10000" },
];

async function sandbox(host = HOST) {
  if (host.platform !== "linux") return ok("sandbox", "on");
  if (host.uid === 0) {
    return warning(
      "sandbox",
      "off, because Chromium cannot have it as root",
      "run the program as another user; browser.sandbox: false accepts it and ends the warning",
    );
  }
  if ((await host.output("unshare", "--user", "--map-root-user", "true")) !== undefined) {
    return ok("sandbox", "on; user namespaces, which it is made of, can be had");
  }
  const accept = "or, if you trust every page: browser.sandbox: false";
  const found = NAMESPACE_SWITCHES.find(({ file, value }) => host.read(file) === value);
  if (found)
    return warning("sandbox", `may be impossible: ${found.file} is ${found.value}`, `${found.mend}; ${accept}`);
  return warning(
    "sandbox",
    "may be impossible: unshare makes no user namespace",
    `in a container, allow it (docker run --security-opt seccomp=<a profile with clone and unshare>), ${accept}`,
  );
}

/** Packages by distribution, as /etc/os-release has its name. */
const PACKAGES = [
  {
    distribution: /debian|ubuntu/,
    install: "apt-get install",
    list: "fontconfig",
    CJK: "fonts-noto-cjk",
    Arabic: "fonts-noto-core",
    emoji: "fonts-noto-color-emoji",
  },
  {
    distribution: /fedora|rhel/,
    install: "dnf install",
    list: "fontconfig",
    CJK: "google-noto-sans-cjk-fonts",
    Arabic: "google-noto-sans-arabic-fonts",
    emoji: "google-noto-color-emoji-fonts",
  },
  {
    distribution: /alpine/,
    install: "apk add",
    list: "fontconfig",
    CJK: "font-noto-cjk",
    Arabic: "font-noto-arabic",
    emoji: "font-noto-emoji",
  },
  {
    distribution: /arch/,
    install: "pacman -S",
    list: "fontconfig",
    CJK: "noto-fonts-cjk",
    Arabic: "noto-fonts",
    emoji: "noto-fonts-emoji",
  },
];
/** fontconfig's name of a language that a font of each group has; the last one is of emoji. */
const GROUPS = /** @type {const} */ ({ CJK: "ja", Arabic: "ar", emoji: "und-zsye" });

async function fonts(host = HOST) {
  if (host.platform !== "linux") return undefined;
  const release = host.read("/etc/os-release") ?? "";
  const names = PACKAGES.find(({ distribution }) => distribution.test(release)) ?? PACKAGES[0];
  const groups = /** @type {(keyof typeof GROUPS)[]} */ (Object.keys(GROUPS));
  const all = await host.output("fc-list");
  if (all === undefined) {
    const wanted = [names.list, ...groups.map((group) => names[group])].join(" ");
    return warning("fonts", "fc-list, which lists them, does not run", `${names.install} ${wanted}`);
  }
  const count = all.split("\n").filter(Boolean).length;
  const lists = await Promise.all(groups.map((group) => host.output("fc-list", `:lang=${GROUPS[group]}`)));
  const missing = groups.filter((_, index) => !lists[index]);
  if (missing.length === 0) return ok("fonts", `${count}, with ${groups.join(", ")}`);
  const wanted = missing.map((group) => names[group]).join(" ");
  return warning("fonts", `${count}, but none for ${missing.join(", ")}`, `${names.install} ${wanted}`);
}

function sharedMemory(host = HOST) {
  if (host.platform !== "linux") return undefined;
  const space = host.space("/dev/shm");
  const there = space ? `${size(space.total)} in /dev/shm` : "there is no /dev/shm";
  return ok("shared memory", `${there}; browsers are told not to use it (--disable-dev-shm-usage)`);
}

function temporary(host = HOST) {
  const folder = host.temporary;
  try {
    fs.rmdirSync(fs.mkdtempSync(path.join(folder, "doctor-")));
  } catch (error) {
    const reason = /** @type {Error} */ (error).message;
    return problem("temporary", `${folder} cannot be written: ${reason}`, `set ${VARIABLE} to a folder that can`);
  }
  const space = host.space(folder);
  if (!space) return ok("temporary", `${folder} can be written`);
  const message = `${folder} can be written, ${size(space.free)} free`;
  if (space.free >= SPACE_ENOUGH) return ok("temporary", message);
  return warning("temporary", message, `make room for profiles and downloads, or set ${VARIABLE} to another disk`);
}

function files(host = HOST) {
  if (host.platform === "win32") return undefined;
  const limit = host.openFiles();
  const message = `${limit} may be open in a process`;
  if (limit === "unlimited" || limit >= FILES_ENOUGH) return ok("open files", message);
  return warning("open files", message, "raise it: ulimit -n 4096, or docker run --ulimit nofile=4096");
}

function memory(host = HOST) {
  const isLimited = host.memoryLimit > 0 && host.memoryLimit < host.memory;
  const bytes = isLimited ? host.memoryLimit : host.memory;
  const message = `${size(bytes)}${isLimited ? ", the limit of this container or control group" : ""}`;
  if (bytes >= MEMORY_ENOUGH) return ok("memory", message);
  return warning(
    "memory",
    message,
    "a browser takes from 200 to 500 MB: raise the limit, or keep workerCount low and set workerMemory",
  );
}

function reaping(host = HOST) {
  if (host.platform !== "linux") return undefined;
  const first = path.basename(host.readlink("/proc/1/exe") ?? host.read("/proc/1/comm") ?? "unknown");
  if (host.pid !== 1 && first !== "node")
    return ok("PID 1", `${first}; ended processes without a parent are its to collect`);
  return warning(
    "PID 1",
    "Node, which does not collect ended processes without a parent: browsers leave zombies",
    "docker run --init, `init: true` in a compose file, or an init such as tini as entry point",
  );
}

/** @type {((host?: Host) => Promise<import("./check.js").Check | undefined> | import("./check.js").Check | undefined)[]} */
const CONDITIONS = [sandbox, fonts, sharedMemory, temporary, files, memory, reaping];

module.exports = { CONDITIONS, sandbox, fonts, sharedMemory, temporary, files, memory, reaping };

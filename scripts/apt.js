// Installs packages of Debian and Ubuntu by apt, where that takes no password.

const { find } = require("./find.js");
const { run } = require("./run.js");

const hasApt = () => find("apt-get") !== undefined;

/** The command prefix that gives root's rights, or undefined when only a password would, or when there is no apt. */
async function aptPrivilege() {
  if (!hasApt()) return undefined;
  if (process.getuid?.() === 0) return [];
  return run("sudo", ["-n", "true"]).then(
    () => ["sudo", "-n"],
    () => undefined,
  );
}

/**
 * One package for each group of which none is installed, if the distribution has one.
 * @param {string[][]} groups
 * @returns {Promise<string[]>}
 */
async function installable(groups) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: these are dpkg's own placeholders
  const { stdout: states } = await run("dpkg-query", ["--show", "--showformat=${db:Status-Status} ${Package}\n"]);
  const known = new Set(states.split("\n"));
  const missing = groups.filter((group) => !group.some((name) => known.has(`installed ${name}`)));
  if (missing.length === 0) return [];
  const { stdout: policy } = await run("apt-cache", ["policy", ...missing.flat()], {
    env: { ...process.env, LC_ALL: "C" },
  });
  const available = new Set([...policy.matchAll(/^(\S+):\n.*\n {2}Candidate: (?!\(none\))/gm)].map(([, name]) => name));
  return missing.flatMap((group) => group.find((name) => available.has(name)) ?? []);
}

/**
 * @param {string[][]} groups
 * @param {string[]} privilege
 * @returns {Promise<string[]>} what was installed
 */
async function installByApt(groups, privilege) {
  const apt = (/** @type {string[]} */ ...args) => {
    const [command, ...rest] = [...privilege, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", ...args];
    return run(command, rest);
  };
  await apt("update");
  const missing = await installable(groups);
  await apt("install", "--yes", "--no-install-recommends", ...missing);
  return missing;
}

/** @param {string[]} packages */
function aptCommands(packages) {
  return ["sudo apt-get update", `sudo apt-get install ${packages.join(" ")}`];
}

module.exports = { hasApt, aptPrivilege, installable, installByApt, aptCommands };

// What PhantomJS's flags become on a browser's command line, and which of them warn.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { browserArguments } = require("../../lib/phantom-flags.js");

/** @param {Record<string, string | boolean | number>} flags */
function given(flags) {
  /** @type {string[]} */
  const warnings = [];
  return { args: browserArguments(flags, (message) => warnings.push(message)), warnings };
}

const ON = [true, "true", "yes"];
const OFF = [false, "false", "no"];

/** @type {[flags: Record<string, string | boolean | number>, translation: string[]][]} */
const TRANSLATED = [
  [{ proxy: "10.0.0.1:3128" }, ["--proxy-server=10.0.0.1:3128"]],
  [{ proxy: "10.0.0.1:3128", "proxy-type": "http" }, ["--proxy-server=10.0.0.1:3128"]],
  [{ proxy: "10.0.0.1:1080", "proxy-type": "socks5" }, ["--proxy-server=socks5://10.0.0.1:1080"]],
  [{ "proxy-type": "none" }, ["--no-proxy-server"]],
  [{ "disk-cache-path": "/var/cache" }, ["--disk-cache-dir=/var/cache"]],
  [{ "max-disk-cache-size": 1024 }, ["--disk-cache-size=1048576"]],
  [{ "ssl-protocol": "tlsv1.2" }, ["--ssl-version-min=tls1.2", "--ssl-version-max=tls1.2"]],
  [{ "ssl-protocol": "any" }, []],
  ...switched("ignore-ssl-errors", ["--ignore-certificate-errors"], []),
  ...switched("load-images", [], ["--blink-settings=imagesEnabled=false"]),
  ...switched("disk-cache", [], ["--disk-cache-size=1"]),
  ...switched("web-security", [], ["--disable-web-security"]),
  ...switched("local-to-remote-url-access", ["--allow-file-access-from-files"], []),
  // Chromium's own go there as they are.
  [{ "disable-gpu": true, "my-own": 5 }, []],
];

/** @param {string} name @param {string[]} on @param {string[]} off @returns {typeof TRANSLATED} */
function switched(name, on, off) {
  return [...ON, ...OFF].map((value) => [{ [name]: value }, ON.includes(value) ? on : off]);
}

for (const [flags, translation] of TRANSLATED) {
  const literal = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  test(`${literal.join(" ")} stays, and ${translation.join(" ") || "nothing"} comes with it`, () => {
    const { args, warnings } = given(flags);
    assert.deepEqual(args.toSorted(), [...literal, ...translation].toSorted());
    assert.deepEqual(warnings, []);
  });
}

/** @type {[name: string, value: string | number][]} */
const WITHOUT_EFFECT = [
  ["config", "config.json"],
  ["cookies-file", "cookies"],
  ["debug", "true"],
  ["local-storage-path", "/var/local"],
  ["local-storage-quota", 5],
  ["local-url-access", "false"],
  ["offline-storage-path", "/var/offline"],
  ["offline-storage-quota", 5],
  ["output-encoding", "utf8"],
  ["proxy-auth", "me:secret"],
  ["remote-debugger-autorun", "yes"],
  ["remote-debugger-port", 9000],
  ["script-encoding", "utf8"],
  ["script-language", "javascript"],
  ["ssl-certificates-path", "/etc/certificates"],
  ["ssl-ciphers", "AES"],
  ["ssl-client-certificate-file", "mine.crt"],
  ["ssl-client-key-file", "mine.key"],
  ["ssl-client-key-passphrase", "secret"],
  ["ssl-protocol", "sslv3"],
  ["webdriver", 8910],
  ["webdriver-loglevel", "INFO"],
  ["webdriver-selenium-grid-hub", "http://hub"],
  ["wd", "true"],
];

for (const [name, value] of WITHOUT_EFFECT) {
  test(`--${name}=${value} stays, with one warning that it has no effect`, () => {
    const { args, warnings } = given({ [name]: value, "disk-cache": true });
    assert.deepEqual(args, [`--${name}=${value}`, "--disk-cache=true"]);
    assert.equal(warnings.length, 1);
    assert.ok(warnings[0].startsWith(`phantomFlags: "${name}" has no effect in Chromium`));
  });
}

test("a warning names what to use instead, where there is something", () => {
  assert.match(given({ "proxy-auth": "me:secret" }).warnings[0], /; page\.setProxy\(.*credentials$/);
});

// PhantomJS's command-line flags, as far as Chromium has something like them. Every flag is passed on literally too.

/** @typedef {(value: string, flags: Record<string, string | boolean | number>) => string[]} Translation */

/** @param {string} value */
const isOn = (value) => value !== "false" && value !== "no";

/** @type {Record<string, Translation>} */
const TRANSLATED = {
  "ssl-protocol": (value) => (value === "tlsv1.2" ? ["--ssl-version-min=tls1.2", "--ssl-version-max=tls1.2"] : []),
  proxy: (value, flags) => [`--proxy-server=${scheme(String(flags["proxy-type"] ?? "http"))}${value}`],
  "proxy-type": (value) => (value === "none" ? ["--no-proxy-server"] : []),
  "ignore-ssl-errors": (value) => (isOn(value) ? ["--ignore-certificate-errors"] : []),
  "load-images": (value) => (isOn(value) ? [] : ["--blink-settings=imagesEnabled=false"]),
  "disk-cache": (value) => (isOn(value) ? [] : ["--disk-cache-size=1"]),
  "disk-cache-path": (value) => [`--disk-cache-dir=${value}`],
  "max-disk-cache-size": (value) => [`--disk-cache-size=${Number(value) * 1024}`],
  "web-security": (value) => (isOn(value) ? [] : ["--disable-web-security"]),
  "local-to-remote-url-access": (value) => (isOn(value) ? ["--allow-file-access-from-files"] : []),
};

/** What PhantomJS knows and Chromium has nothing like. */
const WITHOUT_EFFECT = new Set([
  ...["config", "cookies-file", "debug", "local-storage-path", "local-storage-quota", "local-url-access"],
  ...["offline-storage-path", "offline-storage-quota", "output-encoding", "proxy-auth", "remote-debugger-autorun"],
  ...["remote-debugger-port", "script-encoding", "script-language", "ssl-certificates-path", "ssl-ciphers"],
  ...["ssl-client-certificate-file", "ssl-client-key-file", "ssl-client-key-passphrase", "webdriver"],
  ...["webdriver-loglevel", "webdriver-selenium-grid-hub", "wd"],
]);

/** What to do instead, where there is something. @type {Record<string, string>} */
const INSTEAD = {
  "proxy-auth": 'page.setProxy("http://user:password@host:port") has credentials',
  "ssl-protocol": "it speaks TLS 1.2 and 1.3",
};

/** The protocols that Chromium speaks. */
const SPOKEN = ["any", "default", "tlsv1.2"];

/** @param {string} name @param {string} value */
const hasEffect = (name, value) => (name === "ssl-protocol" ? SPOKEN.includes(value) : !WITHOUT_EFFECT.has(name));

/** @param {string} type */
function scheme(type) {
  return type === "socks5" ? "socks5://" : "";
}

/**
 * @param {Record<string, string | boolean | number>} flags
 * @param {(message: string) => void} warn
 * @returns {string[]} arguments of the browser
 */
function browserArguments(flags, warn) {
  return Object.entries(flags).flatMap(([name, value]) => {
    if (!hasEffect(name, String(value))) {
      const instead = Object.hasOwn(INSTEAD, name) ? `; ${INSTEAD[name]}` : "";
      warn(`phantomFlags: "${name}" has no effect in Chromium${instead}`);
    }
    const translated = Object.hasOwn(TRANSLATED, name) ? TRANSLATED[name](String(value), flags) : [];
    return [...translated, `--${name}=${value}`];
  });
}

module.exports = { browserArguments };

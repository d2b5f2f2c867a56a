// What the page believes of its window, its browser and the world.

const { fail } = require("../../errors.js");
const { BOOLEAN, TEXT } = require("./types.js");
const v = require("./checks.js");

/** The longest side of a viewport, in CSS pixels. */
const LARGEST = 10_000_000;

const VIEWPORT = {
  width: v.integer({ min: 1, max: LARGEST, required: true }),
  height: v.integer({ min: 1, max: LARGEST, required: true }),
  deviceScaleFactor: v.number({ above: 0, default: 1 }),
  isMobile: v.boolean({ default: false }),
  hasTouch: v.boolean({ default: false }),
  isLandscape: v.boolean({ default: false }),
};

const MEDIA = {
  media: v.oneOf(["screen", "print", null]),
  colorScheme: v.oneOf(["light", "dark", "no-preference", null]),
  reducedMotion: v.oneOf(["reduce", "no-preference", null]),
};

const POSITION = {
  latitude: v.number({ required: true }),
  longitude: v.number({ required: true }),
  accuracy: v.number({ min: 0, default: 0 }),
};

const DEVICE = { name: v.string(), userAgent: TEXT, viewport: v.anything({ required: true }) };

const USER_AGENT = {
  userAgent: v.string(),
  userAgentMetadata: v.recordOf(v.anything()),
  platform: v.string(),
};

const MEDIA_FEATURES = v.arrayOf(v.shape({ name: TEXT, value: TEXT }));
const KNOWN_FEATURE =
  /^(?:prefers-(?:color-scheme|reduced-motion|contrast|reduced-transparency|reduced-data)|color-gamut|forced-colors)$/;

const VISION_DEFICIENCIES = [
  "none",
  "achromatopsia",
  "blurredVision",
  "deuteranopia",
  "protanopia",
  "reducedContrast",
  "tritanopia",
];

/** Milliseconds, and bytes a second. */
const CONDITIONS = v.shape({
  download: v.number({ required: true }),
  upload: v.number({ required: true }),
  latency: v.number({ min: 0, required: true }),
  offline: v.boolean(),
});

/** As fast as it goes. */
const UNLIMITED = { latency: 0, download: -1, upload: -1 };

const IDLE = v.shape({ isUserActive: BOOLEAN, isScreenUnlocked: BOOLEAN });

/**
 * What one call of the browser sets as a whole, and several of the page's methods set in parts.
 * @typedef {object} Asked
 * @property {string} media
 * @property {Record<string, string>} features values of media features by their names
 * @property {boolean} offline
 * @property {typeof UNLIMITED} conditions
 */

class Emulation {
  #page;
  #runsScripts = true;
  /** @type {Asked} */
  #asked = { media: "", features: {}, offline: false, conditions: UNLIMITED };
  #bypassesServiceWorkers = false;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page */
  constructor(page) {
    this.#page = page;
  }

  /** @param {object | null} viewport null is the size of the page's window */
  async setViewport(viewport) {
    if (viewport === null) {
      await this.#emulate("setViewport", { what: "windowSize" });
      this.#page._viewport = null;
      return;
    }
    await this.#page._call("setViewport", v.check("page.setViewport", VIEWPORT, viewport));
    this.#page._viewport = { ...viewport };
  }

  /** As it was given; null is the size of the page's window. */
  viewport() {
    return this.#page._viewport;
  }

  /** The viewport and the name of a device. @param {object} device */
  async emulate(device) {
    const { userAgent, viewport } = v.check("page.emulate", DEVICE, device);
    await Promise.all([this.setUserAgent(userAgent), this.setViewport(viewport)]);
  }

  /**
   * @param {string | object} userAgent as a text, or with what goes with it
   * @param {object} [userAgentMetadata]
   */
  async setUserAgent(userAgent, userAgentMetadata) {
    const given = typeof userAgent === "object" && userAgent !== null ? userAgent : { userAgent, userAgentMetadata };
    v.argument(
      "page.setUserAgent",
      "userAgent",
      v.anyOf([v.string(), v.recordOf(v.anything())], { required: true }),
      userAgent,
    );
    const checked = v.check("page.setUserAgent", USER_AGENT, given);
    const { userAgentMetadata: metadata, platform } = checked;
    await this.#page._call("setUserAgent", { userAgent: checked.userAgent, platform, metadata });
  }

  /** @param {boolean} enabled */
  async setJavaScriptEnabled(enabled) {
    v.argument("page.setJavaScriptEnabled", "enabled", BOOLEAN, enabled);
    await this.#page._call("setJavaScriptEnabled", { enabled });
    this.#runsScripts = enabled;
  }

  isJavaScriptEnabled() {
    return this.#runsScripts;
  }

  /** @param {boolean} enabled */
  async setBypassCSP(enabled) {
    const bypassed = v.argument("page.setBypassCSP", "enabled", BOOLEAN, enabled);
    await this.#emulate("setBypassCSP", { what: "csp", bypassed });
  }

  /** @param {boolean} bypass */
  async setBypassServiceWorker(bypass) {
    const bypassed = v.argument("page.setBypassServiceWorker", "bypass", BOOLEAN, bypass);
    await this.#emulate("setBypassServiceWorker", { what: "serviceWorker", bypassed });
    this.#bypassesServiceWorkers = bypassed;
  }

  isServiceWorkerBypassed() {
    return this.#bypassesServiceWorkers;
  }

  /** @param {object} media */
  async emulateMedia(media) {
    const { media: type, colorScheme, reducedMotion } = v.check("page.emulateMedia", MEDIA, media);
    const features = {
      ...this.#asked.features,
      "prefers-color-scheme": colorScheme ?? "",
      "prefers-reduced-motion": reducedMotion ?? "",
    };
    await this.#sendMedia("emulateMedia", { media: type ?? "", features });
  }

  /** @param {string | null} [type] "screen" or "print"; without it the browser's own */
  async emulateMediaType(type) {
    if (![undefined, null, "", "screen", "print"].includes(type)) {
      throw fail("ERR_INVALID_OPTION", `Unsupported media type: ${type}`);
    }
    await this.#sendMedia("emulateMediaType", { media: type ?? "" });
  }

  /** @param {{ name: string, value: string }[] | null} [features] in place of those before */
  async emulateMediaFeatures(features) {
    const given = v.argument("page.emulateMediaFeatures", "features", MEDIA_FEATURES, features ?? []);
    for (const { name } of given) {
      if (!KNOWN_FEATURE.test(name)) throw fail("ERR_INVALID_OPTION", `Unsupported media feature: ${name}`);
    }
    const named = Object.fromEntries(given.map((/** @type {any} */ { name, value }) => [name, value]));
    await this.#sendMedia("emulateMediaFeatures", { features: named });
  }

  /** @param {string} operation @param {Partial<Asked>} change */
  async #sendMedia(operation, change) {
    await this.#ask(change, async ({ media, features }) => {
      await this.#page._call("emulateMedia", { media, features }, operation);
    });
  }

  /**
   * Takes note at once of what is asked for, since calls of the same turn add to it; and no more if the browser refuses it.
   * @param {Partial<Asked>} change
   * @param {(asked: Asked) => Promise<void>} send
   */
  async #ask(change, send) {
    const before = this.#asked;
    const asked = { ...before, ...change };
    this.#asked = asked;
    try {
      await send(asked);
    } catch (error) {
      if (this.#asked === asked) this.#asked = before;
      throw error;
    }
  }

  /** @param {string} [timezone] by its name in the tz database; without it the machine's */
  async emulateTimezone(timezone = "") {
    await this.#page._call("emulateTimezone", {
      timezone: v.argument("page.emulateTimezone", "timezone", v.string(), timezone),
    });
  }

  /** @param {object} position */
  async setGeolocation(position) {
    const checked = v.check("page.setGeolocation", POSITION, position);
    for (const [name, most] of /** @type {const} */ ([
      ["longitude", 180],
      ["latitude", 90],
    ])) {
      if (Math.abs(checked[name]) <= most) continue;
      const message = `page.setGeolocation: Invalid ${name} "${checked[name]}"; it must be from -${most} to ${most}, got ${checked[name]}`;
      throw fail("ERR_INVALID_OPTION", message);
    }
    await this.#page._call("setGeolocation", checked);
  }

  /** @param {string} [type] how badly whoever looks at the page sees */
  async emulateVisionDeficiency(type = "none") {
    if (!VISION_DEFICIENCIES.includes(type)) {
      throw fail("ERR_INVALID_OPTION", `Unsupported vision deficiency: ${type}`);
    }
    await this.#emulate("emulateVisionDeficiency", { what: "vision", deficiency: type });
  }

  /** @param {number | null} factor how many times slower the page's processor is */
  async emulateCPUThrottling(factor) {
    const type = v.number({ min: 1, required: true });
    const rate = v.argument("page.emulateCPUThrottling", "factor", type, factor ?? 1);
    await this.#emulate("emulateCPUThrottling", { what: "cpu", rate });
  }

  /** @param {object} [overrides] without them, what is so */
  async emulateIdleState(overrides) {
    const given = v.argument("page.emulateIdleState", "overrides", IDLE, overrides);
    const state = given && { userActive: given.isUserActive, screenUnlocked: given.isScreenUnlocked };
    await this.#emulate("emulateIdleState", state ? { what: "idle", ...state } : { what: "notIdle" });
  }

  /** @param {boolean} enabled whether the page believes that it has the focus, as every page does here at first */
  async emulateFocusedPage(enabled) {
    v.argument("page.emulateFocusedPage", "enabled", BOOLEAN, enabled);
    await this.#emulate("emulateFocusedPage", { what: "focus", enabled });
  }

  /** @param {boolean} offline */
  async setOfflineMode(offline) {
    const wanted = v.argument("page.setOfflineMode", "offline", BOOLEAN, offline);
    await this.#sendNetwork("setOfflineMode", { offline: wanted });
  }

  /** @param {object | null} conditions null is as fast as it goes */
  async emulateNetworkConditions(conditions) {
    const given = v.argument("page.emulateNetworkConditions", "networkConditions", CONDITIONS, conditions ?? undefined);
    const { offline = this.#asked.offline, ...speed } = given ?? UNLIMITED;
    await this.#sendNetwork("emulateNetworkConditions", { offline, conditions: speed });
  }

  /** @param {string} operation @param {Partial<Asked>} change */
  async #sendNetwork(operation, change) {
    await this.#ask(change, async ({ offline, conditions }) => {
      await this.#emulate(operation, { what: "network", offline, ...conditions });
    });
  }

  /** @param {string} operation @param {object} emulation */
  async #emulate(operation, emulation) {
    await this.#page._call("emulate", emulation, operation);
  }
}

module.exports = { Emulation, LARGEST };

// What the page believes of its window, its browser and the world.

const { BOOLEAN, SELECTOR, TEXT } = require("./types.js");
const v = require("../../validate.js");

const VIEWPORT = {
  width: v.integer({ min: 1, max: 10_000_000, required: true }),
  height: v.integer({ min: 1, max: 10_000_000, required: true }),
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

class Emulation {
  #page;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page */
  constructor(page) {
    this.#page = page;
  }

  /** @param {object} viewport */
  async setViewport(viewport) {
    await this.#page._call("setViewport", v.check("page.setViewport", VIEWPORT, viewport));
  }

  /** @param {string} userAgent */
  async setUserAgent(userAgent) {
    await this.#page._call("setUserAgent", {
      userAgent: v.argument("page.setUserAgent", "userAgent", TEXT, userAgent),
    });
  }

  /** @param {boolean} enabled */
  async setJavaScriptEnabled(enabled) {
    await this.#page._call("setJavaScriptEnabled", {
      enabled: v.argument("page.setJavaScriptEnabled", "enabled", BOOLEAN, enabled),
    });
  }

  /** @param {object} media */
  async emulateMedia(media) {
    await this.#page._call("emulateMedia", v.check("page.emulateMedia", MEDIA, media));
  }

  /** @param {string} timezone */
  async emulateTimezone(timezone) {
    await this.#page._call("emulateTimezone", {
      timezone: v.argument("page.emulateTimezone", "timezone", SELECTOR, timezone),
    });
  }

  /** @param {object} position */
  async setGeolocation(position) {
    const schema = {
      latitude: v.number({ min: -90, max: 90, required: true }),
      longitude: v.number({ min: -180, max: 180, required: true }),
      accuracy: v.number({ min: 0, default: 0 }),
    };
    await this.#page._call("setGeolocation", v.check("page.setGeolocation", schema, position));
  }
}

module.exports = { Emulation };

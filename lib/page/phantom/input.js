// phantom's sendEvent: the mouse and the keyboard.

const { fail } = require("../../errors.js");
const v = require("../../validate.js");

const MOUSE = ["mousemove", "mousedown", "mouseup", "click", "doubleclick"];
const KEYBOARD = ["keydown", "keyup", "keypress"];
const COORDINATE = v.number();

/** PhantomJS numbers keys and modifiers as Qt does. @type {Record<number, string>} */
const QT_KEYS = {
  16777216: "Escape",
  16777217: "Tab",
  16777219: "Backspace",
  16777220: "Enter",
  16777221: "NumpadEnter",
  16777222: "Insert",
  16777223: "Delete",
  16777224: "Pause",
  16777225: "PrintScreen",
  16777232: "Home",
  16777233: "End",
  16777234: "ArrowLeft",
  16777235: "ArrowUp",
  16777236: "ArrowRight",
  16777237: "ArrowDown",
  16777238: "PageUp",
  16777239: "PageDown",
  16777248: "Shift",
  16777249: "Control",
  16777250: "Meta",
  16777251: "Alt",
  16777252: "CapsLock",
};
const QT_F1 = 16777264;
const QT_F24 = QT_F1 + 23;

/** @type {[number, string][]} */
const QT_MODIFIERS = [
  [0x02000000, "Shift"],
  [0x04000000, "Control"],
  [0x08000000, "Alt"],
  [0x10000000, "Meta"],
];

class Input {
  #page;
  #mouse = { x: 0, y: 0 };

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page */
  constructor(page) {
    this.#page = page;
  }

  /**
   * @param {string} type
   * @param {any} [first] x, or the key
   * @param {any} [second] y
   * @param {string} [button]
   * @param {number} [modifier] a sum of Qt's modifiers
   */
  async sendEvent(type, first, second, button = "left", modifier = 0) {
    v.argument("page.sendEvent", "type", v.oneOf([...MOUSE, ...KEYBOARD], { required: true }), type);
    v.argument("page.sendEvent", "modifier", v.integer({ min: 0 }), modifier ?? 0);
    const modifiers = QT_MODIFIERS.filter(([bit]) => (modifier ?? 0) & bit).map(([, name]) => name);
    if (KEYBOARD.includes(type)) {
      const key = v.argument(
        "page.sendEvent",
        "key",
        v.anyOf([v.string({ empty: false }), v.integer({ min: 1 })], { required: true }),
        first,
      );
      await this.#page._call("key", { type: type.slice(3), ...keyOf(type, key), modifiers }, "sendEvent");
      return;
    }
    const x = v.argument("page.sendEvent", "x", COORDINATE, first ?? undefined) ?? this.#mouse.x;
    const y = v.argument("page.sendEvent", "y", COORDINATE, second ?? undefined) ?? this.#mouse.y;
    v.argument("page.sendEvent", "button", v.oneOf(["left", "right", "middle"]), button ?? "left");
    this.#mouse = { x, y };
    await this.#page._call(
      "mouse",
      { type: type.replace("mouse", ""), x, y, button: button ?? "left", modifiers },
      "sendEvent",
    );
  }
}

/**
 * PhantomJS types the whole text of a keypress; a key goes down or up alone.
 * @param {string} type
 * @param {string | number} key
 * @returns {{ key?: string, text?: string }}
 */
function keyOf(type, key) {
  if (typeof key === "string") return type === "keypress" ? { text: key } : { key };
  if (QT_KEYS[key]) return { key: QT_KEYS[key] };
  if (key >= QT_F1 && key <= QT_F24) return { key: `F${key - QT_F1 + 1}` };
  if (key <= 0x10ffff) return keyOf(type, String.fromCodePoint(key));
  throw fail(
    "ERR_INVALID_OPTION",
    `page.sendEvent: argument "key" must be a string or a key code of PhantomJS, got ${key}`,
  );
}

module.exports = { Input };

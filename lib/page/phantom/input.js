// phantom's sendEvent: the mouse and the keyboard.

const { numberOf, textOf, warn } = require("./lenient.js");

const MOUSE = ["mousemove", "mousedown", "mouseup", "click", "doubleclick"];
const KEYBOARD = ["keydown", "keyup", "keypress"];
const BUTTONS = ["left", "right", "middle"];

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
  #mouse = { x: 0, y: 0 };

  /**
   * What PhantomJS does not know does nothing.
   * @param {unknown} type
   * @param {any} [first] x, or the key
   * @param {any} [second] y
   * @param {unknown} [button]
   * @param {unknown} [modifier] a sum of Qt's modifiers
   * @returns {import("./steps.js").Steps<void>}
   */
  *sendEvent(type, first, second, button, modifier) {
    const kind = textOf(type).toLowerCase();
    const bits = numberOf(modifier) ?? 0;
    const modifiers = QT_MODIFIERS.filter(([bit]) => bits & bit).map(([, name]) => name);
    if (KEYBOARD.includes(kind)) {
      const key = keyOf(kind, typeof first === "number" ? first : textOf(first));
      if (key) yield ["key", { type: kind.slice(3), ...key, modifiers }, "sendEvent"];
      return;
    }
    const pressed = BUTTONS.find((known) => known === (button ?? "left"));
    if (!MOUSE.includes(kind) || pressed === undefined) {
      warn(`page.sendEvent: PhantomJS has no event "${kind}" of the button "${textOf(button ?? "left")}"`);
      return;
    }
    const { x, y } = { x: numberOf(first) ?? this.#mouse.x, y: numberOf(second) ?? this.#mouse.y };
    this.#mouse = { x: Math.round(x), y: Math.round(y) };
    const params = { type: kind.replace("mouse", ""), ...this.#mouse, button: pressed, modifiers };
    yield ["mouse", params, "sendEvent"];
  }
}

/**
 * PhantomJS types the whole text of a keypress; a key goes down or up alone.
 * @param {string} type
 * @param {string | number} key
 * @returns {{ key?: string, text?: string } | undefined} undefined for what is no key
 */
function keyOf(type, key) {
  if (key === "") return undefined;
  if (typeof key === "string")
    return type === "keypress" ? { text: key } : { key: String.fromCodePoint(Number(key.codePointAt(0))) };
  if (QT_KEYS[key]) return { key: QT_KEYS[key] };
  if (key >= QT_F1 && key <= QT_F24) return { key: `F${key - QT_F1 + 1}` };
  if (Number.isInteger(key) && key > 0 && key <= 0x10ffff) return keyOf(type, String.fromCodePoint(key));
  return undefined;
}

module.exports = { Input, QT_KEYS, QT_MODIFIERS };

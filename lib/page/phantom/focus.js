// A script of the page's: as in WebKit, the text of a field is selected when a script focuses it for the first time, so that what is
// typed then replaces it.
/// <reference lib="dom" />

const { statement } = require("../evaluate.js");

function install() {
  const { focus } = HTMLElement.prototype;
  /** @type {WeakSet<HTMLElement>} */
  const focused = new WeakSet();
  /** @this {HTMLElement} @param {[FocusOptions?]} options */
  HTMLElement.prototype.focus = function (...options) {
    const isFirst = !focused.has(this) && document.activeElement !== this;
    focused.add(this);
    focus.apply(this, options);
    // A field whose caret is elsewhere has been at work with; others than those of text have none.
    if (isFirst && this instanceof HTMLInputElement && this.selectionStart === 0 && this.selectionEnd === 0)
      this.select();
  };
}

const SELECT_ON_FOCUS = statement(install);

module.exports = { SELECT_ON_FOCUS };

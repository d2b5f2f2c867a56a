//! Scripts that run in the page, as text, and the envelope in which every evaluated expression answers: a string of JSON,
//! `{"t": 1 or 0, "v": encoded}` for a value that is truthy or not, or `{"e": {name, message, stack}}` for one that was
//! thrown. `lib/evaluate.js` writes and reads it; the engine needs only to tell the three apart.

use std::time::Duration;

use serde_json::Value;

use crate::error::{Error, Result};

use super::command::{Polling, PollingSignal};

/// Makes a window one that nobody has opened. It stays untouched if it is that already.
pub const DISOWN: &str = "window.opener && (window.opener = null)";

/// How long one look at a condition may keep a page busy before the next command gets its turn.
pub const SLICE: Duration = Duration::from_millis(100);

/// What an envelope holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// A truthy value.
    Truthy,
    /// A falsy value.
    Falsy,
    /// Something thrown.
    Thrown,
}

impl Envelope {
    /// Reads the kind off the envelope's first characters. None if it is no envelope.
    pub fn of(text: &str) -> Option<Self> {
        if text.starts_with(r#"{"t":1"#) {
            Some(Self::Truthy)
        } else if text.starts_with(r#"{"t":0"#) {
            Some(Self::Falsy)
        } else if text.starts_with(r#"{"e":"#) {
            Some(Self::Thrown)
        } else {
            None
        }
    }
}

/// The page's `Promise`, whatever its scripts have put in its place.
pub const PROMISE: &str = "(async () => {})().constructor";

/// A function body that gives the element `arguments[0]`. The document's own method would be hidden by an `<img
/// name="querySelector">`.
pub const FIND: &str = "return Document.prototype.querySelector.call(document, arguments[0])";

/// A function body that looks at `script` again and again on the page's own signal until it is truthy, throws, or the
/// slice is over, and returns the last envelope.
pub fn watch(script: &str, polling: Polling) -> String {
    let pause = match polling {
        Polling::On(PollingSignal::Raf) => "requestAnimationFrame(done); setTimeout(done, 50)".to_owned(),
        Polling::On(PollingSignal::Mutation) => {
            "const seen = new MutationObserver(() => { seen.disconnect(); done() }); \
             seen.observe(document, { childList: true, subtree: true, attributes: true, characterData: true }); \
             setTimeout(() => { seen.disconnect(); done() }, Math.max(0, end - Date.now()))"
                .to_owned()
        }
        Polling::Every(ms) => format!("setTimeout(done, Math.min({ms}, Math.max(0, end - Date.now())))"),
    };
    let slice = SLICE.as_millis();
    format!(
        "return (async () => {{ const Later = {PROMISE}; const end = Date.now() + {slice}; const look = () => ({script}); for (;;) {{ \
         const seen = await look(); if (typeof seen !== 'string' || !seen.startsWith('{{\"t\":0') || Date.now() >= end) return seen; \
         await new Later((done) => {{ {pause} }}) }} }})()"
    )
}

/// A function body that waits for the document's state, at most a slice, and returns `[stateReached, timeOrigin, href]`.
/// The time origin tells one document from the next, even at the same URL. With the page's scripts off there are no
/// events and no timers, so that it can only look.
pub fn document_state(complete: bool, scripts: bool) -> String {
    let (test, event) = if complete {
        ("document.readyState === 'complete'", "window, 'load'")
    } else {
        ("document.readyState !== 'loading'", "document, 'DOMContentLoaded'")
    };
    if !scripts {
        return format!("return [{test}, performance.timeOrigin, location.href]");
    }
    let slice = SLICE.as_millis();
    format!(
        "const state = () => [{test} && !window[Symbol.for('boomtown.loading')], performance.timeOrigin, location.href]; \
         if (state()[0]) return state(); return new ({PROMISE})((done) => {{ const [on, event] = [{event}]; \
         const end = () => {{ clearTimeout(timer); on.removeEventListener(event, end); done(state()) }}; \
         const timer = setTimeout(end, {slice}); on.addEventListener(event, end) }})"
    )
}

/// Writes the document `arguments[0]` anew, as Puppeteer does: globals stay, scripts run, and loading starts over. A document
/// that was complete before still calls itself so for a moment, hence the mark until its new `load` event; there is no such
/// event for a script where `arguments[1]` says that the page's scripts are off.
pub const SET_CONTENT: &str = "const mark = Symbol.for('boomtown.loading'); document.open(); window[mark] = arguments[1]; \
    window.addEventListener('load', () => { delete window[mark] }, { once: true }); \
    document.write(arguments[0]); document.close()";

/// A function body called with these arguments.
pub fn applied(body: &str, args: &Value) -> String {
    format!("(function () {{ {body} }}).apply(null, {args})")
}

/// Brings the element `arguments[0]` into view and gives its middle, or the point at the offset `arguments[1]` from its
/// corner, in the frame's viewport; [`place`] reads it.
pub const LOCATE: &str = "const element = Document.prototype.querySelector.call(document, arguments[0]); if (!element) return 'missing'; \
    element.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' }); \
    const box = [...element.getClientRects()].find((box) => box.width && box.height); if (!box) return 'hidden'; \
    const within = (low, high, size) => (Math.max(low, 0) + Math.min(high, size)) / 2; \
    const [x, y] = arguments[1] || [within(box.left, box.right, innerWidth) - box.left, within(box.top, box.bottom, innerHeight) - box.top]; \
    return [box.left + x, box.top + y]";

/// What [`LOCATE`] has found.
pub fn place(selector: &str, found: &Value) -> Result<(f64, f64)> {
    match (found[0].as_f64(), found[1].as_f64()) {
        (Some(x), Some(y)) => Ok((x, y)),
        _ if found == "hidden" => Err(Error::thrown("Error", format!("the element {selector:?} is not visible"))),
        _ => Err(missing(selector)),
    }
}

/// Gives the focus to the element `arguments[0]`; false if there is none.
pub const FOCUS: &str = "const element = Document.prototype.querySelector.call(document, arguments[0]); if (!element) return false; element.focus(); return true";

/// No element is what a selector says.
pub fn missing(selector: &str) -> Error {
    Error::thrown("Error", format!("no element matches the selector {selector:?}"))
}

/// There is nothing to see of an element.
pub fn without_size(selector: &str) -> Error {
    Error::thrown("Error", format!("the element {selector:?} has no size to take a picture of"))
}

/// Why nothing can be done in a chosen frame any more.
pub const FRAME_GONE: &str = "the frame that was switched to is gone; call page.switchToMainFrame()";

/// A script's document went before its end.
pub fn replaced() -> Error {
    Error::thrown("Error", "the document was replaced by a navigation before the script was done")
}

/// Status of the document's own response, as far as the page can tell; 0 where it cannot.
pub const RESPONSE: &str = "const [entry] = performance.getEntriesByType('navigation'); \
    return { url: location.href, status: (entry && entry.responseStatus) || null }";

/// Answers dialogs that nobody listens for, as a person who dismisses them, so that no page hangs in one.
pub const DISMISS_DIALOGS: &str =
    "window.alert = () => {}; window.confirm = () => false; window.prompt = () => null; window.print = () => {}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_is_known_by_its_first_characters() {
        assert_eq!(Envelope::of(r#"{"t":1,"v":[5]}"#), Some(Envelope::Truthy));
        assert_eq!(Envelope::of(r#"{"t":0,"v":0}"#), Some(Envelope::Falsy));
        assert_eq!(Envelope::of(r#"{"e":{"name":"TypeError"}}"#), Some(Envelope::Thrown));
        assert_eq!(Envelope::of("null"), None);
    }
}

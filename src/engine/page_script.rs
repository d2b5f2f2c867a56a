//! Scripts that run in the page, as text, the runtime that they find there (`lib/page/runtime.js`), and the envelope in which
//! every evaluated expression answers: a string of JSON, `{"t": 1 or 0, "v": encoded}` for a value that is truthy or not, or
//! `{"e": {name, message, stack}}` for one that was thrown. `lib/page/evaluate.js` writes the expressions and reads the envelopes;
//! the engine needs only to tell the three apart.

use std::{sync::LazyLock, time::Duration};

use serde_json::Value;

use crate::error::{Code, Error, Result, shortened};

use super::command::{Polling, PollingSignal, Which};

/// Makes a window one that nobody has opened. It stays untouched if it is that already.
pub const DISOWN: &str = "window.opener && (window.opener = null)";

/// Empties the document, whatever its elements are called.
pub const CLEAR: &str = "Document.prototype.open.call(document); Document.prototype.close.call(document)";

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

/// By which scripts find the runtime in their world: one for this process, which no page can guess.
pub static RUNTIME: LazyLock<String> = LazyLock::new(|| format!("boomtown{:032x}", fastrand::u128(..)));

/// An expression that makes the runtime, of what its world has of the language and the DOM then.
pub static MAKE_RUNTIME: LazyLock<String> = LazyLock::new(|| {
    let source = include_str!("../../lib/page/runtime.js");
    // Code may follow a comment that ends.
    let is_comment = |line: &str| line.starts_with(['/', '*']) && !line.contains("*/ ");
    let code: Vec<&str> = source.lines().map(str::trim).filter(|line| !is_comment(line)).collect();
    format!("(() => {{ const module = {{ exports: null }};\n{}\nreturn module.exports.runtime() }})()", code.join("\n"))
});

/// A script that makes the runtime a constant of its world, which is no property of anything: a document's scripts neither see
/// nor change it. Before all of them, in every document.
pub static INSTALL_RUNTIME: LazyLock<String> = LazyLock::new(|| format!("const {} = {};", *RUNTIME, *MAKE_RUNTIME));

/// An expression, where its world may not have the runtime.
pub fn with_runtime(expression: &str) -> String {
    format!("(() => {{ const {} = {}; return {expression} }})()", *RUNTIME, *MAKE_RUNTIME)
}

/// Whether an error says that the runtime was not there; nothing has run then.
pub fn lacks_runtime(error: &Error) -> bool {
    let thrown = error.thrown.as_ref();
    thrown.is_some_and(|thrown| thrown.name == "ReferenceError" && thrown.message.starts_with(RUNTIME.as_str()))
}

/// Whether an event tells of nothing but that the runtime was there already: the browser runs first scripts twice in a window
/// that a page opens without an address.
pub fn is_installed_again(method: &str, params: &str) -> bool {
    method == "Runtime.exceptionThrown" && params.contains("has already been declared") && params.contains(&*RUNTIME)
}

/// A function body that gives the element `arguments[0]`.
pub const FIND: &str = "return Document.prototype.querySelector.call(document, arguments[0])";

/// An expression for a promise of the first envelope of `script` that is not falsy, or of the last one of a slice. Its `stop`
/// ends the looking.
pub fn watch(script: &str, polling: Polling, slice: Option<Duration>) -> String {
    let signal = match polling {
        Polling::On(PollingSignal::Raf) => "'raf'".to_owned(),
        Polling::On(PollingSignal::Mutation) => "'mutation'".to_owned(),
        Polling::Every(ms) => ms.to_string(),
    };
    let slice = slice.map_or_else(|| "undefined".to_owned(), |slice| slice.as_millis().to_string());
    format!("{}.watch(() => ({script}), {signal}, {slice})", *RUNTIME)
}

/// An expression for `[stateReached, timeOrigin, href]`, which waits for the document's state at most a slice. The time origin
/// tells one document from the next, even at the same URL. With the page's scripts off there are no events and no timers, so
/// that it can only look.
pub fn document_state(complete: bool, scripts: bool) -> String {
    format!("{}.moment({complete}, {})", *RUNTIME, if scripts { SLICE.as_millis() } else { 0 })
}

/// An expression that writes the document anew, as Puppeteer does. `scripts` says whether the page's run.
pub fn set_content(html: &str, scripts: bool) -> String {
    format!("{}.write({}, {scripts})", *RUNTIME, Value::from(html))
}

/// A function body called with these arguments, of which a script of the page knows nothing.
pub fn applied(body: &str, args: &[Value]) -> String {
    let args: Vec<String> = args.iter().map(Value::to_string).collect();
    format!("(function () {{ {body} }})({})", args.join(","))
}

/// Where an element is looked for: as it is, if it is wholly in view there, then scrolled to these.
pub const ALIGNMENTS: [Option<&str>; 4] = [None, Some("center"), Some("end"), Some("start")];

/// What the scripts here have in common. A form's fields can hide what the form has of its interfaces, hence the prototypes'.
const ELEMENT: &str = "const [wanted] = arguments; \
    const element = typeof wanted === 'string' ? Document.prototype.querySelector.call(document, wanted) : wanted; \
    if (typeof wanted !== 'string' && wanted.nodeType !== 1) return 'alien'; \
    if (element && !element.isConnected) return 'detached'; \
    const parentOf = Object.getOwnPropertyDescriptor(Node.prototype, 'parentElement').get; \
    const parent = (node) => parentOf.call(node); \
    const within = (outer, inner) => Node.prototype.contains.call(outer, inner); \
    const at = (x, y) => Document.prototype.elementFromPoint.call(document, x, y); \
    const holds = (outer, inner) => inner.left > outer.left - 0.01 && inner.top > outer.top - 0.01 \
        && inner.right < outer.right + 0.01 && inner.bottom < outer.bottom + 0.01; \
    const inView = (box) => { \
        if (!holds({ left: 0, top: 0, right: innerWidth, bottom: innerHeight }, box)) return false; \
        for (let node = parent(element); node && parent(node); node = parent(node)) { \
            const { overflowX, overflowY } = getComputedStyle(node); \
            const clips = overflowX !== 'visible' || overflowY !== 'visible'; \
            if (clips && !holds(Element.prototype.getBoundingClientRect.call(node), box)) return false; \
        } \
        return true }; \
    const scroll = (block) => Element.prototype.scrollIntoView.call(element, \
        { block, inline: block === 'center' ? block : 'nearest', behavior: 'instant' });";

/// Brings the element `arguments[0]`, itself or by its selector, into view and gives its middle, or the point at the offset `arguments[1]` from its
/// corner, in the frame's viewport, and whether a mouse there meets the element; [`place`] reads it. `arguments[2]` are the
/// [`ALIGNMENTS`] to try until it does: what is fixed to the viewport, as a bar, can cover the element at one and not at another.
/// 'outside' is an element that none of these brings into view.
pub static LOCATE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{ELEMENT} if (!element) return 'missing'; const offset = arguments[1]; let found; \
    const middle = (low, high, size) => (Math.max(low, 0) + Math.min(high, size)) / 2; \
    const shows = (box) => box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight; \
    const unmeetable = getComputedStyle(element).pointerEvents === 'none'; \
    for (const block of arguments[2]) {{ \
        if (block) scroll(block); \
        const boxes = [...Element.prototype.getClientRects.call(element)].filter((box) => box.width && box.height); \
        if (!boxes.length) return 'hidden'; \
        const box = boxes.find(shows); \
        if (!box) continue; \
        const x = offset ? box.left + offset[0] : middle(box.left, box.right, innerWidth); \
        const y = offset ? box.top + offset[1] : middle(box.top, box.bottom, innerHeight); \
        const beside = x < box.left || x > box.right || y < box.top || y > box.bottom; \
        const hit = at(x, y); \
        const meets = beside || unmeetable || Boolean(hit) && (within(element, hit) \
            || Element.prototype.closest.call(hit, 'label')?.control === element); \
        if (block === 'center' || !found) found = [x, y, meets]; \
        if (meets && (block || inView(box))) return [x, y, true]; \
    }} \
    if (arguments[2].includes('center')) scroll('center'); return found ?? 'outside'"
    )
});

/// Brings the element `arguments[0]` into view, if it is not wholly there, or if something that is fixed to the viewport covers
/// it, and gives its box in the frame's viewport and how far that is scrolled; null if there is no such element.
pub static MEASURE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{ELEMENT} if (!element) return null; let box; \
    const fixed = (hit) => {{ for (let node = hit; node && !within(node, element); node = parent(node)) \
        if (/fixed|sticky/.test(getComputedStyle(node).position)) return true; return false }}; \
    const covered = () => [[0.5, 0.5], [0, 0], [1, 0], [0, 1], [1, 1]].some(([right, down]) => {{ \
        const hit = at(box.left + 1 + right * (box.width - 2), box.top + 1 + down * (box.height - 2)); \
        return hit && !within(element, hit) && fixed(hit) }}); \
    for (const block of [null, 'center', 'end', 'start', 'center']) {{ \
        if (block) scroll(block); \
        box = Element.prototype.getBoundingClientRect.call(element); \
        if ((block || inView(box)) && !covered()) break; \
    }} \
    return {{ x: box.left, y: box.top, width: box.width, height: box.height, scrollX, scrollY }}"
    )
});

/// What [`LOCATE`] has found: a point, and whether a mouse there meets the element; none if the element is not in view.
pub fn place(which: &Which, found: &Value) -> Result<Option<(f64, f64, bool)>> {
    match (found[0].as_f64(), found[1].as_f64()) {
        (Some(x), Some(y)) => Ok(Some((x, y, found[2] == true))),
        _ if found == "hidden" => {
            Err(unclickable(which, "is not visible; page.waitForSelector with visible: true waits until it is"))
        }
        _ if found == "outside" => Ok(None),
        _ if found == "detached" => Err(detached()),
        _ if found == "alien" => {
            Err(Error::thrown("Error", "Node is not of type HTMLElement: the handle is of another kind of node"))
        }
        _ => Err(missing(which)),
    }
}

/// Whether [`MEASURE`] has found the element.
pub fn measured(which: &Which, found: &Value) -> Result<()> {
    match found {
        Value::Null => Err(missing(which)),
        Value::String(_) => place(which, found).map(drop),
        _ => Ok(()),
    }
}

/// An element lies where no scrolling leads.
pub fn outside(which: &Which) -> Error {
    unclickable(
        which,
        "is outside of what can be scrolled into view, where no mouse gets; move it into the page, or call its click() with page.$eval",
    )
}

/// There is no place at which a mouse meets an element.
fn unclickable(which: &Which, why: &str) -> Error {
    let shown = which.shown();
    Error::thrown("Error", format!("Node is either not clickable or not an Element: {shown} {why}"))
}

/// The element of a handle is in no document any more.
fn detached() -> Error {
    Error::thrown("Error", "Node is detached from document")
}

/// Gives the focus to the element `arguments[0]`; false if there is none.
pub const FOCUS: &str = "const [wanted] = arguments; \
    const element = typeof wanted === 'string' ? Document.prototype.querySelector.call(document, wanted) : wanted; if (!element) return false; \
    (element instanceof HTMLElement ? HTMLElement : element instanceof SVGElement ? SVGElement : MathMLElement).prototype.focus.call(element); return true";

/// No element is what a selector says.
pub fn missing(which: &Which) -> Error {
    let selector = shortened(which.selector.as_deref().unwrap_or_default());
    Error::thrown("Error", format!("No element found for selector: {selector}"))
}

/// There is nothing to see of an element of this size.
pub fn without_size(which: &Which, (width, height): (f64, f64)) -> Error {
    if which.element.is_some() {
        let side = if width <= 0.0 { "width" } else { "height" };
        return Error::new(Code::Evaluation, format!("Node has 0 {side}."));
    }
    let shown = which.shown();
    Error::thrown("Error", format!("{shown} has no size to take a picture of, at {width} x {height}"))
}

/// Why nothing can be done in a chosen frame any more.
pub const FRAME_GONE: &str = "the frame that was switched to is gone; call page.switchToMainFrame()";

/// A script's document went before its end.
pub fn replaced() -> Error {
    Error::thrown(
        "Error",
        "Protocol error: Execution context was destroyed, because the document was replaced by a navigation before the script was done",
    )
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

//! Mouse, keyboard and files. Events are sent one after another and awaited together, since the browser keeps their order.

use std::time::Duration;

use serde_json::json;
use tokio::{sync::MutexGuard, time::timeout};

use crate::{
    engine::{
        cdp::connection::Call,
        command::{KeyEvent, Modifier, MouseButton, MouseEvent, Which},
        keys::{Key, key, typed},
        page_script::{ALIGNMENTS, FIND, FOCUS, LOCATE, missing, outside, place},
    },
    error::Result,
};

use super::{
    CdpPage,
    pressed::{button_bit, button_name, dragging, modifier_bit, modifier_name},
};

/// How many key strokes are under way at a time, so that a long text does not fill the connection.
const STROKES: usize = 64;

/// How long input waits for what the page was told before: while a dialog is open, or a script runs on and on, it hears nothing.
const TOLD: Duration = Duration::from_millis(500);

/// A point of a frame, as the page has it.
pub(super) struct Sight {
    /// In the page's viewport.
    pub point: (f64, f64),
    /// Whether it is in the viewports of all frames above.
    inside: bool,
    /// Whether a mouse there meets the frame.
    met: bool,
}

pub(super) async fn all(calls: Vec<Call>) -> Result<()> {
    for call in calls {
        call.await?;
    }
    Ok(())
}

pub(super) async fn pause(ms: u64) {
    if ms > 0 {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

impl CdpPage {
    fn mouse_event(&self, kind: &str, button: Option<MouseButton>, count: u32) -> Call {
        let (x, y, buttons, modifiers) = {
            let pressed = self.pressed();
            (pressed.x, pressed.y, pressed.buttons, pressed.modifiers)
        };
        let params = json!({
            "type": kind,
            "x": x,
            "y": y,
            "button": button.map_or_else(|| dragging(buttons), button_name),
            "buttons": buttons,
            "modifiers": modifiers,
            "clickCount": count,
        });
        self.target.session.call("Input.dispatchMouseEvent", params)
    }

    pub(super) fn move_to(&self, x: f64, y: f64) -> Call {
        self.be_at(x, y);
        self.mouse_event("mouseMoved", None, 0)
    }

    fn be_at(&self, x: f64, y: f64) {
        let mut pressed = self.pressed();
        (pressed.x, pressed.y) = (x, y);
    }

    pub(super) fn press_button(&self, button: MouseButton, count: u32) -> Call {
        self.pressed().buttons |= button_bit(button);
        self.mouse_event("mousePressed", Some(button), count)
    }

    pub(super) fn release_button(&self, button: MouseButton, count: u32) -> Call {
        self.pressed().buttons &= !button_bit(button);
        self.mouse_event("mouseReleased", Some(button), count)
    }

    pub(super) fn key_down(&self, key: &Key, commands: &[String]) -> Call {
        let (modifiers, repeat) = {
            let mut pressed = self.pressed();
            pressed.modifiers |= modifier_bit(&key.value);
            let repeat = pressed.keys.contains(key);
            if !repeat {
                pressed.keys.push(key.clone());
            }
            (pressed.modifiers, repeat)
        };
        // With one of these, a key is a shortcut and types nothing.
        let shortcut = modifiers & (modifier_bit("Alt") | modifier_bit("Control") | modifier_bit("Meta")) != 0;
        let text = if shortcut { "" } else { &key.text };
        let params = json!({
            "type": if text.is_empty() { "rawKeyDown" } else { "keyDown" },
            "modifiers": modifiers,
            "windowsVirtualKeyCode": key.number,
            "code": key.code,
            "key": key.value,
            "text": text,
            "unmodifiedText": text,
            "autoRepeat": repeat,
            "location": key.location,
            "isKeypad": key.location == 3,
            "commands": commands,
        });
        self.target.session.call("Input.dispatchKeyEvent", params)
    }

    pub(super) fn key_up(&self, key: &Key) -> Call {
        let modifiers = {
            let mut pressed = self.pressed();
            pressed.modifiers &= !modifier_bit(&key.value);
            pressed.keys.retain(|other| other.code != key.code || other.value != key.value);
            pressed.modifiers
        };
        let params = json!({
            "type": "keyUp",
            "modifiers": modifiers,
            "windowsVirtualKeyCode": key.number,
            "code": key.code,
            "key": key.value,
            "location": key.location,
        });
        self.target.session.call("Input.dispatchKeyEvent", params)
    }

    pub(super) fn insert(&self, text: &str) -> Call {
        self.target.session.call("Input.insertText", json!({ "text": text }))
    }

    /// Waits until the page has done what it was told before: the browser gives input to a page by another way, on which it
    /// overtakes the rest, so that a click would come before whoever is to hear of it. What is given is to be held until the
    /// input is done.
    pub(super) async fn settled(&self) -> Option<MutexGuard<'_, ()>> {
        let session = &self.target.session;
        if self.inputs.try_lock().is_ok() && !session.awaits(|method| !method.starts_with("Input.")) {
            return None;
        }
        let turn = self.inputs.lock().await;
        // Answered after all that was sent before. A page that has ended says so to the input.
        let _ = timeout(TOLD, session.call("Runtime.evaluate", json!({ "expression": "0" }))).await;
        Some(turn)
    }

    /// Releases what is pressed.
    pub async fn release_all(&self) -> Result<()> {
        let (keys, buttons) = {
            let pressed = self.pressed();
            (pressed.keys.clone(), pressed.buttons)
        };
        let mut calls: Vec<Call> = keys.iter().map(|key| self.key_up(key)).collect();
        calls.extend(self.release_buttons(buttons));
        all(calls).await
    }

    /// Releases those of the mouse's buttons that are pressed.
    pub(super) fn release_buttons(&self, pressed: u8) -> impl Iterator<Item = Call> {
        let held = MouseButton::ALL.into_iter().filter(move |&button| pressed & button_bit(button) != 0);
        held.map(|button| self.release_button(button, 1))
    }

    pub(super) async fn click(
        &self,
        on: &Which,
        button: MouseButton,
        count: u32,
        delay: u64,
        offset: Option<(f64, f64)>,
    ) -> Result<()> {
        let (x, y) = self.locate(on, offset).await?;
        let mut calls = vec![self.move_to(x, y)];
        for nth in 1..=count {
            calls.push(self.press_button(button, nth));
            pause(delay).await;
            calls.push(self.release_button(button, nth));
        }
        all(calls).await
    }

    pub(super) async fn hover(&self, on: &Which) -> Result<()> {
        let (x, y) = self.locate(on, None).await?;
        self.move_to(x, y).await.map(drop)
    }

    pub(super) async fn focus(&self, on: &Which) -> Result<()> {
        let found = self.execute_on(on, FOCUS, &[]).await?;
        if found == true { Ok(()) } else { Err(missing(on)) }
    }

    /// Keys where there is a key; what no key types is inserted.
    pub(super) async fn type_text(&self, text: &str, delay: u64) -> Result<()> {
        let mut calls = Vec::with_capacity(2 * STROKES);
        for character in text.chars() {
            match typed(character) {
                Some(key) => {
                    calls.push(self.key_down(&key, &[]));
                    calls.push(self.key_up(&key));
                }
                None => calls.push(self.insert(character.encode_utf8(&mut [0; 4]))),
            }
            if delay > 0 || calls.len() >= 2 * STROKES {
                all(std::mem::take(&mut calls)).await?;
                pause(delay).await;
            }
        }
        all(calls).await
    }

    pub(super) async fn press(&self, name: &str, delay: u64, text: Option<String>) -> Result<()> {
        let mut key = key(name)?;
        if let Some(text) = text {
            key.text = text;
        }
        let down = self.key_down(&key, &[]);
        pause(delay).await;
        let up = self.key_up(&key);
        all(vec![down, up]).await
    }

    pub(super) async fn mouse(
        &self,
        kind: MouseEvent,
        point: (f64, f64),
        button: MouseButton,
        modifiers: &[Modifier],
    ) -> Result<()> {
        let presses: &[u32] = match kind {
            MouseEvent::Click => &[1],
            MouseEvent::DoubleClick => &[1, 2],
            _ => &[],
        };
        self.holding(modifiers, || {
            let mut calls = Vec::new();
            // As in PhantomJS, only a move is told to the page as one.
            self.be_at(point.0, point.1);
            match kind {
                MouseEvent::Move => calls.push(self.mouse_event("mouseMoved", None, 0)),
                MouseEvent::Down => calls.push(self.press_button(button, 1)),
                MouseEvent::Up => calls.push(self.release_button(button, 1)),
                MouseEvent::Click | MouseEvent::DoubleClick => {}
            }
            for &nth in presses {
                calls.push(self.press_button(button, nth));
                calls.push(self.release_button(button, nth));
            }
            calls
        })
        .await
    }

    pub(super) async fn key(
        &self,
        kind: KeyEvent,
        name: Option<&str>,
        text: Option<&str>,
        modifiers: &[Modifier],
    ) -> Result<()> {
        let keys = match (name, text) {
            (Some(name), _) => vec![key(name)?],
            (None, Some(text)) => {
                text.chars().map(|character| key(character.encode_utf8(&mut [0; 4]))).collect::<Result<_>>()?
            }
            (None, None) => Vec::new(),
        };
        self.holding(modifiers, || {
            let stroke = |key: &Key| match kind {
                KeyEvent::Down => vec![self.key_down(key, &[])],
                KeyEvent::Up => vec![self.key_up(key)],
                KeyEvent::Press => vec![self.key_down(key, &[]), self.key_up(key)],
            };
            keys.iter().flat_map(stroke).collect()
        })
        .await
    }

    /// What `within` sends says that these keys are held, of which no event of their own tells, as in `PhantomJS`.
    async fn holding(&self, modifiers: &[Modifier], within: impl FnOnce() -> Vec<Call>) -> Result<()> {
        let bits = modifiers.iter().fold(0, |bits, &modifier| bits | modifier_bit(modifier_name(modifier)));
        let added = {
            let mut pressed = self.pressed();
            let added = bits & !pressed.modifiers;
            pressed.modifiers |= added;
            added
        };
        let calls = within();
        self.pressed().modifiers &= !added;
        all(calls).await
    }

    /// Brings the element into view and gives its middle, or a point at an offset from its corner, in the page's viewport.
    async fn locate(&self, on: &Which, offset: Option<(f64, f64)>) -> Result<(f64, f64)> {
        self.locate_at(on, offset, &ALIGNMENTS).await
    }

    /// The same at some of the [`ALIGNMENTS`].
    pub(super) async fn locate_at(
        &self,
        on: &Which,
        offset: Option<(f64, f64)>,
        alignments: &[Option<&str>],
    ) -> Result<(f64, f64)> {
        let Some(frame) = self.inner_frame(on.frame()) else {
            let place = self.locate_in_frame(on, offset, alignments).await?;
            return place.map(|(x, y, _)| (x, y)).ok_or_else(|| outside(on));
        };
        let mut best = None;
        for &alignment in alignments {
            let Some((x, y, meets)) = self.locate_in_frame(on, offset, &[alignment]).await? else { continue };
            let Sight { point, inside, met } = self.seen_from_page(&frame, (x, y)).await?;
            if meets && met {
                return Ok(point);
            }
            if inside && (best.is_none() || alignment == Some("center")) {
                best = Some(point);
            }
        }
        if alignments.len() > 1 {
            self.locate_in_frame(on, offset, &[Some("center")]).await?;
        }
        if let Some(point) = best {
            return Ok(point);
        }
        if alignments.len() == 1 {
            return Err(outside(on));
        }
        // What is fixed to its frame scrolls nothing around that.
        self.show_frame(&frame).await?;
        let (x, y, _) = self.locate_in_frame(on, offset, &[None]).await?.ok_or_else(|| outside(on))?;
        let Sight { point, inside, .. } = self.seen_from_page(&frame, (x, y)).await?;
        if inside { Ok(point) } else { Err(outside(on)) }
    }

    /// Brings a frame and those around it into view.
    async fn show_frame(&self, id: &str) -> Result<()> {
        const SHOW: &str = "function () { \
            Element.prototype.scrollIntoView.call(this, { block: 'center', inline: 'nearest', behavior: 'instant' }) }";
        let mut id = id.to_owned();
        loop {
            let parent = self.target.frames.borrow().get(&id).and_then(|frame| frame.parent.clone());
            let Some(parent) = parent else { return Ok(()) };
            let realm = self.own_realm_in(&parent)?;
            let show = json!({ "objectId": realm.owner(&id).await?, "functionDeclaration": SHOW });
            realm.session.call("Runtime.callFunctionOn", show).await?;
            id = parent;
        }
    }

    /// The point of [`CdpPage::locate`] in the chosen frame's viewport, at one of these alignments, and whether a mouse there
    /// meets the element.
    async fn locate_in_frame(
        &self,
        on: &Which,
        offset: Option<(f64, f64)>,
        alignments: &[Option<&str>],
    ) -> Result<Option<(f64, f64, bool)>> {
        place(on, &self.execute_on(on, &LOCATE, &[json!(offset), json!(alignments)]).await?)
    }

    /// A point of a frame's viewport in that of the page. Of a frame that is turned or slanted, the nearest upright one counts.
    pub(super) async fn seen_from_page(&self, id: &str, point: (f64, f64)) -> Result<Sight> {
        const MEASURE: &str = "function (x, y) { const box = this.getBoundingClientRect(); const style = getComputedStyle(this); \
            const scale = (size, whole) => whole ? size / whole : 1; \
            const left = box.left + (this.clientLeft + parseFloat(style.paddingLeft) + x) * scale(box.width, this.offsetWidth); \
            const top = box.top + (this.clientTop + parseFloat(style.paddingTop) + y) * scale(box.height, this.offsetHeight); \
            const inside = left >= 0 && top >= 0 && left < innerWidth && top < innerHeight; \
            return [left, top, inside, Document.prototype.elementFromPoint.call(document, left, top) === this] }";
        let mut sight = Sight { point, inside: true, met: true };
        let mut id = id.to_owned();
        loop {
            let parent = self.target.frames.borrow().get(&id).and_then(|frame| frame.parent.clone());
            let Some(parent) = parent else { return Ok(sight) };
            let realm = self.own_realm_in(&parent)?;
            let measure = json!({
                "objectId": realm.owner(&id).await?,
                "functionDeclaration": MEASURE,
                "arguments": [{ "value": sight.point.0 }, { "value": sight.point.1 }],
                "returnByValue": true,
            });
            let measured = realm.session.call("Runtime.callFunctionOn", measure).await?.value()?;
            let value = &measured["result"]["value"];
            let number = |index: usize| value[index].as_f64().unwrap_or_default();
            sight = Sight {
                point: (number(0), number(1)),
                inside: sight.inside && value[2] == true,
                met: sight.met && value[3] == true,
            };
            id = parent;
        }
    }

    pub(super) async fn upload(&self, on: &Which, paths: &[String]) -> Result<()> {
        let realm = self.own_realm_in(&self.frame_id(on.frame()))?;
        let element = match (&on.element, &on.selector) {
            (Some(handle), _) => Some(handle.id.clone()),
            (None, selector) => realm.element(FIND, &[json!(selector)]).await?,
        };
        let files = json!({ "files": paths, "objectId": element.ok_or_else(|| missing(on))? });
        realm.session.call("DOM.setFileInputFiles", files).await.map(drop)
    }
}

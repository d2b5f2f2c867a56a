//! The keyboard, the mouse and the touchscreen of a page as devices, which the program itself holds in its hands.

use serde_json::{Value, json};

use crate::{
    engine::{
        command::{DragEvent, Input, MouseButton, Point, Reply, TouchEvent},
        deadline::{DEFAULT_TIMEOUT, Deadline},
        keys::{Key, key, shifted},
    },
    error::{Error, Result},
};

use super::{
    CdpPage,
    input::{all, pause},
    pressed::modifier_bit,
};

impl CdpPage {
    pub(super) async fn input(&self, input: Input) -> Result<Reply> {
        match input {
            Input::KeyDown { key, text, commands } => {
                self.key_down(&self.held_key(&key, text)?, &commands).await?;
            }
            Input::KeyUp { key } => {
                self.key_up(&self.held_key(&key, None)?).await?;
            }
            Input::PressKey { key, text, commands, delay } => {
                let key = self.held_key(&key, text)?;
                let down = self.key_down(&key, &commands);
                pause(delay).await;
                let up = self.key_up(&key);
                all(vec![down, up]).await?;
            }
            Input::TypeText { text, delay } => self.type_text(&text, delay).await?,
            Input::InsertText { text } => {
                self.insert(&text).await?;
            }
            Input::MoveMouse { x, y, steps } => self.move_in_steps((x, y), steps).await?,
            Input::PressButton { button, click_count } => {
                self.press_button(button, click_count).await?;
            }
            Input::ReleaseButton { button, click_count } => {
                self.release_button(button, click_count).await?;
            }
            Input::ClickAt { x, y, button, count, click_count, delay } => {
                let mut calls = vec![self.move_to(x, y)];
                for nth in 1..=count {
                    let told = if nth == count { click_count } else { nth };
                    calls.push(self.press_button(button, told));
                    if nth == count {
                        pause(delay).await;
                    }
                    calls.push(self.release_button(button, told));
                }
                all(calls).await?;
            }
            Input::TurnWheel { delta_x, delta_y } => self.turn_wheel(delta_x, delta_y).await?,
            Input::ResetMouse {} => {
                let (buttons, away) = {
                    let pressed = self.pressed();
                    (pressed.buttons, (pressed.x, pressed.y) != (0.0, 0.0))
                };
                let mut calls: Vec<_> = self.release_buttons(buttons).collect();
                if away {
                    calls.push(self.move_to(0.0, 0.0));
                }
                all(calls).await?;
            }
            Input::Touch { kind, finger, x, y } => self.touch(kind, finger, (x, y)).await?,
            Input::InterceptDrags { enabled } => {
                self.target.set("Input.setInterceptDrags", json!({ "enabled": enabled })).await?;
            }
            Input::Drag { from, to } => {
                let drag = Deadline::new(DEFAULT_TIMEOUT).bound("mouse.drag", self.drag(from, to)).await?;
                return Ok(Reply::Json(drag));
            }
            Input::DragEvent { kind, x, y, data } => self.drag_event(kind, (x, y), data).await?,
        }
        Ok(Reply::NOTHING)
    }

    /// A key as it is while the keys are held that are: with Shift, one that goes by its place has another character.
    fn held_key(&self, name: &str, text: Option<String>) -> Result<Key> {
        let with_shift = self.pressed().modifiers & modifier_bit("Shift") != 0;
        let mut key = if with_shift { shifted(name)? } else { key(name)? };
        if let Some(text) = text {
            key.text = text;
        }
        Ok(key)
    }

    /// Each step waits for the one before, since the browser makes one move of those that come together.
    async fn move_in_steps(&self, (x, y): (f64, f64), steps: u32) -> Result<()> {
        let (left, top) = {
            let pressed = self.pressed();
            (pressed.x, pressed.y)
        };
        for step in 1..=steps {
            let part = f64::from(step) / f64::from(steps);
            self.move_to(left + (x - left) * part, top + (y - top) * part).await?;
        }
        Ok(())
    }

    async fn turn_wheel(&self, delta_x: f64, delta_y: f64) -> Result<()> {
        let params = {
            let pressed = self.pressed();
            json!({
                "type": "mouseWheel",
                "pointerType": "mouse",
                "x": pressed.x,
                "y": pressed.y,
                "deltaX": delta_x,
                "deltaY": delta_y,
                "buttons": pressed.buttons,
                "modifiers": pressed.modifiers,
            })
        };
        self.target.session.call("Input.dispatchMouseEvent", params).await.map(drop)
    }

    async fn touch(&self, kind: TouchEvent, finger: u32, (x, y): (f64, f64)) -> Result<()> {
        let kind = match kind {
            TouchEvent::Start => "touchStart",
            TouchEvent::Move => "touchMove",
            TouchEvent::End => "touchEnd",
        };
        let point = json!({ "id": finger, "x": x, "y": y, "radiusX": 0.5, "radiusY": 0.5, "force": 0.5 });
        let modifiers = self.pressed().modifiers;
        let params = json!({ "type": kind, "touchPoints": [point], "modifiers": modifiers });
        self.target.session.call("Input.dispatchTouchEvent", params).await.map(drop)
    }

    async fn drag(&self, from: Point, to: Point) -> Result<Value> {
        let begun = self.target.drags.next();
        self.move_to(from.x, from.y).await?;
        self.press_button(MouseButton::Left, 1).await?;
        self.move_to(to.x, to.y).await?;
        begun.await.map_err(|_| Error::refused("another drag has begun meanwhile"))
    }

    async fn drag_event(&self, kind: DragEvent, (x, y): (f64, f64), data: Value) -> Result<()> {
        let kind = match kind {
            DragEvent::Enter => "dragEnter",
            DragEvent::Over => "dragOver",
            DragEvent::Drop => "drop",
        };
        let modifiers = self.pressed().modifiers;
        let params = json!({ "type": kind, "x": x, "y": y, "modifiers": modifiers, "data": data });
        self.target.session.call("Input.dispatchDragEvent", params).await.map(drop)
    }
}

//! Mouse and keyboard as `WebDriver` actions (<https://www.w3.org/TR/webdriver2/#actions>).

use serde_json::{Value, json};

use crate::{
    engine::{
        command::{Modifier, MouseButton},
        keys,
    },
    error::Result,
};

use super::errors::unsupported;

/// The code point of a key by its name (`Enter`, `KeyA`, `Digit1`) or the character it types.
pub fn key(name: &str) -> Result<char> {
    let key = keys::key(name)?;
    key.point.or(key.text.chars().next()).ok_or_else(|| unsupported(&format!("the key {name:?}")))
}

/// The key that types a character.
fn typed(character: char) -> char {
    keys::typed(character).and_then(|key| key.point).unwrap_or(character)
}

fn modifier(modifier: Modifier) -> char {
    match modifier {
        Modifier::Alt => '\u{E00A}',
        Modifier::Control => '\u{E009}',
        Modifier::Meta => '\u{E03D}',
        Modifier::Shift => '\u{E008}',
    }
}

/// The specification's name for a reference to an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Where the pointer is to go.
pub enum Spot {
    /// A point of the top frame's viewport.
    Viewport(f64, f64),
    /// From the middle of an element, by the driver's reference: drivers disagree on whose viewport it is in a chosen frame.
    Element(String, f64, f64),
}

/// Actions in order on one mouse and one keyboard; while one acts, the other pauses.
#[derive(Default)]
pub struct Actions {
    mouse: Vec<Value>,
    keyboard: Vec<Value>,
}

impl Actions {
    /// The pointer goes to a point of the viewport, in CSS pixels.
    pub fn move_to(self, x: f64, y: f64) -> Self {
        // Only some drivers accept fractions.
        self.mouse(
            json!({ "type": "pointerMove", "duration": 0, "x": x.round(), "y": y.round(), "origin": "viewport" }),
        )
    }

    /// The pointer goes to what was located.
    pub fn reach(self, spot: &Spot) -> Self {
        match spot {
            Spot::Viewport(x, y) => self.move_to(*x, *y),
            Spot::Element(id, x, y) => {
                let origin = json!({ ELEMENT: id });
                self.mouse(
                    json!({ "type": "pointerMove", "duration": 0, "x": x.round(), "y": y.round(), "origin": origin }),
                )
            }
        }
    }

    /// A button goes down.
    pub fn press(self, button: MouseButton) -> Self {
        self.mouse(json!({ "type": "pointerDown", "button": number(button) }))
    }

    /// A button comes up.
    pub fn release(self, button: MouseButton) -> Self {
        self.mouse(json!({ "type": "pointerUp", "button": number(button) }))
    }

    /// Nothing happens, for so many milliseconds.
    pub fn pause(mut self, ms: u64) -> Self {
        if ms > 0 {
            let pause = json!({ "type": "pause", "duration": ms });
            self.mouse.push(pause.clone());
            self.keyboard.push(pause);
        }
        self
    }

    /// A key goes down.
    pub fn key_down(self, key: char) -> Self {
        self.key("keyDown", key)
    }

    /// A key comes up.
    pub fn key_up(self, key: char) -> Self {
        self.key("keyUp", key)
    }

    /// Keys are held around what `within` adds.
    pub fn holding(self, modifiers: &[Modifier], within: impl FnOnce(Self) -> Self) -> Self {
        let held = modifiers.iter().fold(self, |actions, &held| actions.key_down(modifier(held)));
        modifiers.iter().rev().fold(within(held), |actions, &held| actions.key_up(modifier(held)))
    }

    /// Characters one by one, as keys, with a pause after each.
    pub fn type_text(self, text: &str, delay: u64) -> Self {
        text.chars().map(typed).fold(self, |actions, key| actions.key_down(key).key_up(key).pause(delay))
    }

    /// The body of the command.
    pub fn body(self) -> Value {
        json!({ "actions": [
            { "type": "pointer", "id": "mouse", "parameters": { "pointerType": "mouse" }, "actions": self.mouse },
            { "type": "key", "id": "keyboard", "actions": self.keyboard },
        ] })
    }

    fn mouse(mut self, action: Value) -> Self {
        self.mouse.push(action);
        self.keyboard.push(json!({ "type": "pause", "duration": 0 }));
        self
    }

    fn key(mut self, kind: &str, key: char) -> Self {
        self.keyboard.push(json!({ "type": kind, "value": key }));
        self.mouse.push(json!({ "type": "pause", "duration": 0 }));
        self
    }
}

fn number(button: MouseButton) -> u8 {
    match button {
        MouseButton::Left => 0,
        MouseButton::Middle => 1,
        MouseButton::Right => 2,
        MouseButton::Back => 3,
        MouseButton::Forward => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn keys_go_by_name_by_place_and_by_character() {
        assert_eq!(key("Enter").unwrap(), '\u{E007}');
        assert_eq!(key("KeyQ").unwrap(), 'q');
        assert_eq!(key("ß").unwrap(), 'ß');
        assert_eq!((key("F12").unwrap(), key("Numpad7").unwrap()), ('\u{E03C}', '\u{E021}'));
        assert_eq!((typed('\n'), typed(' ')), ('\u{E007}', ' '));
        assert!(key("NoSuchKey").is_err());
    }

    #[test]
    fn a_key_that_webdriver_has_no_name_for_is_unsupported() {
        for name in ["CapsLock", "F13"] {
            assert_eq!(key(name).unwrap_err().code, Code::Unsupported);
        }
    }

    #[test]
    fn both_devices_have_the_same_number_of_ticks() {
        let actions = Actions::default().holding(&[Modifier::Shift], |actions| {
            actions.move_to(1.0, 2.0).press(MouseButton::Left).pause(5).release(MouseButton::Left)
        });
        assert_eq!(actions.mouse.len(), actions.keyboard.len());
    }
}

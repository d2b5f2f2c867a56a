//! Which keys and buttons of a page are held down, and where its mouse is, as the protocol wants them told.

use crate::engine::{
    command::{Modifier, MouseButton},
    keys::Key,
};

/// What is held down, and where the mouse is.
#[derive(Default)]
pub struct Pressed {
    pub x: f64,
    pub y: f64,
    /// The protocol's bits.
    pub buttons: u8,
    pub modifiers: u8,
    pub keys: Vec<Key>,
}

pub fn button_name(button: MouseButton) -> &'static str {
    match button {
        MouseButton::Left => "left",
        MouseButton::Middle => "middle",
        MouseButton::Right => "right",
        MouseButton::Back => "back",
        MouseButton::Forward => "forward",
    }
}

pub fn button_bit(button: MouseButton) -> u8 {
    match button {
        MouseButton::Left => 1,
        MouseButton::Right => 2,
        MouseButton::Middle => 4,
        MouseButton::Back => 8,
        MouseButton::Forward => 16,
    }
}

/// The button that a mouse drags with, which the protocol wants to be told of each move.
pub fn dragging(buttons: u8) -> &'static str {
    let order = [MouseButton::Left, MouseButton::Right, MouseButton::Middle, MouseButton::Back, MouseButton::Forward];
    order.into_iter().find(|&button| buttons & button_bit(button) != 0).map_or("none", button_name)
}

/// The bit of a modifier key; none for other keys.
pub fn modifier_bit(key: &str) -> u8 {
    match key {
        "Alt" => 1,
        "Control" => 2,
        "Meta" => 4,
        "Shift" => 8,
        _ => 0,
    }
}

pub fn modifier_name(modifier: Modifier) -> &'static str {
    match modifier {
        Modifier::Alt => "Alt",
        Modifier::Control => "Control",
        Modifier::Meta => "Meta",
        Modifier::Shift => "Shift",
    }
}

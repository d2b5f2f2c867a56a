//! The keys of a US keyboard as both engines want them described: what is pressed, where it is, and what it types.

use crate::error::{Code, Error, Result};

/// One key, or one character of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// `KeyboardEvent.key`.
    pub value: String,
    /// `KeyboardEvent.code`.
    pub code: String,
    /// The Windows virtual key code, which `keyCode` shows.
    pub number: u32,
    /// What it types; empty for most named keys.
    pub text: String,
    /// 1 and 2 for the left and right one of a pair, 3 for the number pad.
    pub location: u8,
    /// The code point by which `WebDriver` names it (<https://www.w3.org/TR/webdriver2/#keyboard-actions>), if it is not
    /// named by the character that it types.
    pub point: Option<char>,
}

/// A key that has one name: `key`, `code` (the same where empty), number, text, location, point.
type Named = (&'static str, &'static str, u32, &'static str, u8, Option<char>);

/// Keys that have one name.
const NAMED: &[Named] = &[
    ("Cancel", "Abort", 3, "", 0, Some('\u{E001}')),
    ("Help", "", 6, "", 0, Some('\u{E002}')),
    ("Backspace", "", 8, "", 0, Some('\u{E003}')),
    ("Tab", "", 9, "", 0, Some('\u{E004}')),
    ("Clear", "Numpad5", 12, "", 3, Some('\u{E005}')),
    ("Enter", "", 13, "\r", 0, Some('\u{E007}')),
    ("Enter", "NumpadEnter", 13, "\r", 3, Some('\u{E006}')),
    ("Shift", "ShiftLeft", 16, "", 1, Some('\u{E008}')),
    ("Shift", "ShiftRight", 16, "", 2, Some('\u{E050}')),
    ("Control", "ControlLeft", 17, "", 1, Some('\u{E009}')),
    ("Control", "ControlRight", 17, "", 2, Some('\u{E051}')),
    ("Alt", "AltLeft", 18, "", 1, Some('\u{E00A}')),
    ("Alt", "AltRight", 18, "", 2, Some('\u{E052}')),
    ("Pause", "", 19, "", 0, Some('\u{E00B}')),
    ("CapsLock", "", 20, "", 0, None),
    ("Escape", "", 27, "", 0, Some('\u{E00C}')),
    (" ", "Space", 32, " ", 0, None),
    ("PageUp", "", 33, "", 0, Some('\u{E00E}')),
    ("PageDown", "", 34, "", 0, Some('\u{E00F}')),
    ("End", "", 35, "", 0, Some('\u{E010}')),
    ("Home", "", 36, "", 0, Some('\u{E011}')),
    ("ArrowLeft", "", 37, "", 0, Some('\u{E012}')),
    ("ArrowUp", "", 38, "", 0, Some('\u{E013}')),
    ("ArrowRight", "", 39, "", 0, Some('\u{E014}')),
    ("ArrowDown", "", 40, "", 0, Some('\u{E015}')),
    ("PrintScreen", "", 44, "", 0, None),
    ("Insert", "", 45, "", 0, Some('\u{E016}')),
    ("Delete", "", 46, "", 0, Some('\u{E017}')),
    ("Meta", "MetaLeft", 91, "", 1, Some('\u{E03D}')),
    ("Meta", "MetaRight", 92, "", 2, Some('\u{E053}')),
    ("ContextMenu", "", 93, "", 0, None),
    ("*", "NumpadMultiply", 106, "*", 3, None),
    ("+", "NumpadAdd", 107, "+", 3, None),
    ("-", "NumpadSubtract", 109, "-", 3, None),
    (".", "NumpadDecimal", 110, ".", 3, None),
    ("/", "NumpadDivide", 111, "/", 3, None),
    ("NumLock", "", 144, "", 0, None),
    ("ScrollLock", "", 145, "", 0, None),
    ("AudioVolumeMute", "", 173, "", 0, None),
    ("AudioVolumeDown", "", 174, "", 0, None),
    ("AudioVolumeUp", "", 175, "", 0, None),
    ("MediaTrackNext", "", 176, "", 0, None),
    ("MediaTrackPrevious", "", 177, "", 0, None),
    ("MediaStop", "", 178, "", 0, None),
    ("MediaPlayPause", "", 179, "", 0, None),
];

/// Keys that type two characters: `code`, number, without and with Shift.
const TYPING: &[(&str, u32, char, char)] = &[
    ("Digit0", 48, '0', ')'),
    ("Digit1", 49, '1', '!'),
    ("Digit2", 50, '2', '@'),
    ("Digit3", 51, '3', '#'),
    ("Digit4", 52, '4', '$'),
    ("Digit5", 53, '5', '%'),
    ("Digit6", 54, '6', '^'),
    ("Digit7", 55, '7', '&'),
    ("Digit8", 56, '8', '*'),
    ("Digit9", 57, '9', '('),
    ("Semicolon", 186, ';', ':'),
    ("Equal", 187, '=', '+'),
    ("Comma", 188, ',', '<'),
    ("Minus", 189, '-', '_'),
    ("Period", 190, '.', '>'),
    ("Slash", 191, '/', '?'),
    ("Backquote", 192, '`', '~'),
    ("BracketLeft", 219, '[', '{'),
    ("Backslash", 220, '\\', '|'),
    ("BracketRight", 221, ']', '}'),
    ("Quote", 222, '\'', '"'),
];

/// The number of F1 less one, and of the number pad's 0.
const BEFORE_F1: u32 = 111;
const NUMPAD_0: u32 = 96;
/// The same as code points of `WebDriver`, which knows twelve of the F keys.
const POINT_BEFORE_F1: u32 = 0xE030;
const POINT_NUMPAD_0: u32 = 0xE01A;

/// A key by its name (`Enter`, `KeyA`, `Digit1`, `NumpadAdd`) or the character it types.
pub fn key(name: &str) -> Result<Key> {
    let mut characters = name.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        return Ok(typed(only).unwrap_or_else(|| foreign(name)));
    }
    named(name).ok_or_else(|| {
        Error::new(
            Code::InvalidOption,
            format!("unknown key {name:?}; use a character, or a name such as \"Enter\", \"ArrowLeft\" or \"Control\""),
        )
    })
}

/// The same while Shift is held: a key that goes by its place types its other character.
pub fn shifted(name: &str) -> Result<Key> {
    let letter = name.strip_prefix("Key").filter(|letter| letter.len() == 1).and_then(|letter| letter.chars().next());
    let other = letter.or_else(|| TYPING.iter().find(|(code, ..)| *code == name).map(|(.., shifted)| *shifted));
    other.and_then(typed).map_or_else(|| key(name), Ok)
}

/// The key that types a character, if the keyboard has one.
pub fn typed(character: char) -> Option<Key> {
    match character {
        '\n' | '\r' => named("Enter"),
        '\t' => named("Tab"),
        ' ' => named("Space"),
        'a'..='z' | 'A'..='Z' => {
            let letter = character.to_ascii_uppercase();
            Some(simple(character, &format!("Key{letter}"), letter.into()))
        }
        _ => {
            let (code, number, ..) =
                TYPING.iter().find(|(_, _, plain, shifted)| *plain == character || *shifted == character)?;
            Some(simple(character, code, *number))
        }
    }
}

fn named(name: &str) -> Option<Key> {
    let known = NAMED.iter().find(|(key, code, ..)| *code == name || *key == name);
    if let Some((key, code, number, text, location, point)) = known {
        let code = if code.is_empty() { key } else { code };
        return Some(Key {
            value: (*key).to_owned(),
            code: (*code).to_owned(),
            number: *number,
            text: (*text).to_owned(),
            location: *location,
            point: *point,
        });
    }
    if let Some(letter) = name.strip_prefix("Key") {
        let mut letters = letter.chars();
        return match (letters.next(), letters.next()) {
            (Some(letter @ 'A'..='Z'), None) => typed(letter.to_ascii_lowercase()),
            _ => None,
        };
    }
    if let Some(digit) = name.strip_prefix("Numpad") {
        let number: u32 = digit.parse().ok().filter(|digit| *digit < 10)?;
        let point = char::from_u32(POINT_NUMPAD_0 + number);
        return Some(Key { location: 3, point, ..simple(char::from_digit(number, 10)?, name, NUMPAD_0 + number) });
    }
    if let Some(number) = name.strip_prefix('F').and_then(|number| number.parse::<u32>().ok()) {
        let key = Key {
            value: name.to_owned(),
            code: name.to_owned(),
            number: BEFORE_F1 + number,
            text: String::new(),
            location: 0,
            point: (number <= 12).then(|| char::from_u32(POINT_BEFORE_F1 + number)).flatten(),
        };
        return (1..=24).contains(&number).then_some(key);
    }
    let (code, number, plain, _) = TYPING.iter().find(|(code, ..)| *code == name)?;
    Some(simple(*plain, code, *number))
}

fn simple(character: char, code: &str, number: u32) -> Key {
    Key {
        value: character.to_string(),
        code: code.to_owned(),
        number,
        text: character.to_string(),
        location: 0,
        point: None,
    }
}

/// A character of some other keyboard.
fn foreign(character: &str) -> Key {
    Key {
        value: character.to_owned(),
        code: String::new(),
        number: 0,
        text: character.to_owned(),
        location: 0,
        point: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_by_name_by_place_and_by_character() {
        assert_eq!(key("Enter").unwrap().text, "\r");
        assert_eq!((key("KeyQ").unwrap().value, key("Q").unwrap().code), ("q".to_owned(), "KeyQ".to_owned()));
        assert_eq!((key("Digit7").unwrap().value, key("&").unwrap().code), ("7".to_owned(), "Digit7".to_owned()));
        assert_eq!((key("F12").unwrap().number, key("Numpad7").unwrap().number), (123, 103));
        assert_eq!(key("ß").unwrap().text, "ß");
        assert!(key("NoSuchKey").is_err() && key("F25").is_err() && key("Keyß").is_err());
    }

    #[test]
    fn with_shift_a_key_types_its_other_character_where_it_goes_by_its_place() {
        let text = |name| shifted(name).unwrap().text;
        assert_eq!(
            (text("KeyA"), text("Digit1"), text("a"), text("1")),
            ("A".into(), "!".into(), "a".into(), "1".into())
        );
        assert_eq!(text("Enter"), "\r");
        assert!(shifted("Keyß").is_err());
    }

    #[test]
    fn every_key_of_a_pair_has_its_side() {
        assert_eq!((key("Shift").unwrap().location, key("ShiftRight").unwrap().location), (1, 2));
    }

    #[test]
    fn a_character_without_a_key_is_not_typed_by_one() {
        assert!(typed('漢').is_none());
        assert_eq!(typed('~').unwrap().code, "Backquote");
    }
}

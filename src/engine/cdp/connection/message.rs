//! The messages of the `DevTools` protocol as JSON: calls, and what the browser answers or tells of by itself.

use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

use crate::{
    engine::devtools,
    error::{Code, Error, Result},
};

/// A longer call ends the browser's side of the connection, which holds no more of a message.
pub(super) const LONGEST_CALL: usize = 100 << 20;

/// "Session with given id not found", in the protocol's numbers.
pub const NO_SESSION: i64 = -32001;
const NO_METHOD: i64 = -32601;
/// What the protocol calls a failure of no kind of its own.
pub const SERVER_ERROR: i64 = -32000;
/// Parameters that do not fit the method.
pub const BAD_PARAMS: i64 = -32602;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outgoing<'a, P> {
    id: u64,
    method: &'a str,
    params: P,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
}

/// A received message; everything inside stays text until somebody needs it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Incoming<'a> {
    pub id: Option<u64>,
    #[serde(borrow)]
    pub method: Option<&'a str>,
    #[serde(borrow)]
    pub session_id: Option<&'a str>,
    #[serde(borrow)]
    pub params: Option<&'a RawValue>,
    #[serde(borrow)]
    pub result: Option<&'a RawValue>,
    #[serde(borrow)]
    pub error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ProtocolError {
    code: i64,
    message: String,
    #[serde(default)]
    data: Value,
}

/// A call as it is written, with the NUL that ends it.
pub fn encoded(id: u64, method: &str, params: impl Serialize, session_id: Option<&str>) -> Result<Vec<u8>> {
    let mut message = serde_json::to_vec(&Outgoing { id, method, params, session_id })
        .map_err(|error| Error::new(Code::InvalidOption, format!("{method}: {error}")))?;
    if message.len() > LONGEST_CALL {
        let (size, longest) = (message.len(), LONGEST_CALL);
        let mend = "send less at a time, or have the page load it from a server or a file";
        return Err(Error::new(
            Code::InvalidOption,
            format!("{method}: a call of {size} bytes is more than the {longest} that Chromium reads; {mend}"),
        ));
    }
    message.push(0);
    Ok(message)
}

/// The number of the call that a message answers, where the message itself cannot be parsed.
pub fn id_of(message: &[u8]) -> Option<u64> {
    let digits = message.strip_prefix(br#"{"id":"#)?;
    let end = digits.iter().position(|byte| !byte.is_ascii_digit())?;
    std::str::from_utf8(&digits[..end]).ok()?.parse().ok()
}

/// JSON whose strings hold no half of a character, which pages can make and Rust's text cannot hold: each becomes U+FFFD.
pub fn well_formed(json: &str) -> String {
    let unit = |at: usize| json.get(at + 2..at + 6).and_then(|digits| u16::from_str_radix(digits, 16).ok());
    let mut whole = String::with_capacity(json.len());
    let mut from = 0;
    let mut at = 0;
    while let Some(found) = json[at..].find('\\') {
        at += found;
        let half = json[at..].starts_with("\\u").then(|| unit(at)).flatten();
        let next = json[at..].get(6..).filter(|rest| rest.starts_with("\\u")).and_then(|_| unit(at + 6));
        match (half, next) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => at += 12,
            (Some(0xD800..=0xDFFF), _) => {
                whole.push_str(&json[from..at]);
                whole.push_str("\\ufffd");
                at += 6;
                from = at;
            }
            (Some(_), _) => at += 6,
            // Any other escape is two characters of ASCII; a broken one is left to the parser.
            (None, _) => at = (at + 2).min(json.len()),
        }
        if !json.is_char_boundary(at) {
            break;
        }
    }
    whole.push_str(&json[from..]);
    whole
}

/// The error of a call that the browser has refused.
pub fn protocol_error(method: &str, error: &RawValue) -> Error {
    let Ok(ProtocolError { code, message, data }) = serde_json::from_str(error.get()) else {
        return Error::refused(format!("{method}: {error}"));
    };
    let detail = data.as_str().map(|data| format!(" ({data})")).unwrap_or_default();
    let text = format!("{method}: {message}{detail}");
    match code {
        NO_SESSION => Error::new(Code::PageClosed, "the page was closed"),
        NO_METHOD => Error::unsupported(method, "this browser", "a browser of another version or kind may"),
        BAD_PARAMS => Error::new(Code::InvalidOption, text),
        _ => devtools::refused(&text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_characters_are_replaced_and_nothing_else() {
        let text = r#"{"a":"\ud83d\ude00 \ud83d \ude00 \\ud83d \u0041 \n\"é"}"#;
        assert_eq!(well_formed(text), r#"{"a":"\ud83d\ude00 \ufffd \ufffd \\ud83d \u0041 \n\"é"}"#);
    }
}

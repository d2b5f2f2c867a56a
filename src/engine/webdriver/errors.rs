//! What a driver's errors are in boomtown's terms.

use std::{borrow::Cow, fmt};

use fantoccini::error::{CmdError, ErrorStatus, NewSessionError};
use serde_json::Value;
use url::Url;

use crate::{
    engine::devtools,
    error::{Code, Error},
};

use super::CDP_CAN;

/// What this engine has no way to do.
pub(super) fn unsupported(what: &str) -> Error {
    Error::unsupported(what, "the webdriver engine", CDP_CAN)
}

/// Whether the error only says that a navigation took the document away under a script.
pub(super) fn is_replaced(error: &Error) -> bool {
    matches!(error.code, Code::Browser | Code::Evaluation)
        && ["context was destroyed", "document unloaded", "navigat", "Cannot find context", "frame was detached"]
            .iter()
            .any(|word| error.message.contains(word))
}

fn launch(message: impl Into<String>) -> Error {
    Error::new(Code::BrowserLaunch, message)
}

/// Why there is no session, and whether trying again can help.
pub(super) fn session_error(endpoint: &Url, error: &NewSessionError) -> Error {
    let reason = match error {
        NewSessionError::SessionNotCreated(error) => Cow::Borrowed(error.message.as_ref()),
        NewSessionError::NotW3C(Value::Object(answer)) => match answer.get("message").and_then(Value::as_str) {
            Some(message) => Cow::Owned(message.to_owned()),
            None => Cow::Owned(Value::Object(answer.clone()).to_string()),
        },
        error => Cow::Owned(error.to_string()),
    };
    let reason = without_session_info(&reason);
    if reason.contains("only supports") {
        let mend = "install a driver of the browser's version, or name one with browser.driver";
        return launch(format!("driver and browser do not match: {reason}; {mend}")).permanent();
    }
    launch(format!("the driver at {endpoint} gave no session: {reason}"))
}

/// Chromedriver appends lines about itself to every message.
fn without_session_info(message: &str) -> &str {
    message.split("\n  (Session info").next().unwrap_or(message).trim_end()
}

/// Chromedriver wraps what the protocol answered: `unhandled inspector error: {"code":-32000,"message":"..."}`.
pub(super) fn protocol_error(method: &str, error: Error) -> Error {
    let wrapped = error.message.split_once("unhandled inspector error: ").map(|(_, json)| json);
    let answer: Option<Value> = wrapped.and_then(|json| serde_json::from_str(json).ok());
    match answer.as_ref().and_then(|answer| answer["message"].as_str()) {
        Some(message) => devtools::refused(&format!("{method}: {message}")),
        None => error,
    }
}

/// The error of one command.
pub(super) fn command_error(error: &CmdError) -> Error {
    match error {
        CmdError::Standard(standard) => standard_error(&standard.error, without_session_info(&standard.message)),
        // Statuses that the specification does not know arrive here: chromedriver's "tab crashed" is one.
        CmdError::NotW3C(status) => Error::gone(plain(status)),
        CmdError::BadUrl(_) | CmdError::InvalidArgument(..) => Error::new(Code::InvalidOption, error.to_string()),
        // A connection that breaks, or a driver that answers what is no answer.
        error => Error::gone(error),
    }
}

fn plain(value: &Value) -> impl fmt::Display {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn standard_error(status: &ErrorStatus, message: &str) -> Error {
    // Geckodriver has no words for some.
    let status_text = status.to_string();
    let message = if message.is_empty() { &status_text } else { message };
    match status {
        ErrorStatus::JavascriptError => {
            let text = message.strip_prefix("javascript error: ").unwrap_or(message);
            match text.split_once(": ") {
                Some((name, rest)) if name.ends_with("Error") => Error::thrown(name, rest),
                _ => Error::thrown("SyntaxError", text),
            }
        }
        ErrorStatus::InvalidSessionId => Error::gone(message),
        // Only the page itself can have closed its window.
        ErrorStatus::NoSuchWindow => Error::new(Code::PageClosed, format!("the page has closed itself: {message}")),
        ErrorStatus::UnknownError if is_lost(message) => Error::gone(message),
        ErrorStatus::Timeout | ErrorStatus::ScriptTimeout if message.contains("aborted by navigation") => {
            Error::thrown("Error", message)
        }
        ErrorStatus::Timeout | ErrorStatus::ScriptTimeout => Error::new(Code::Timeout, message),
        ErrorStatus::UnknownCommand | ErrorStatus::UnknownMethod | ErrorStatus::UnsupportedOperation => {
            Error::unsupported(message, "this driver", CDP_CAN)
        }
        ErrorStatus::InvalidSelector => Error::thrown("SyntaxError", message),
        ErrorStatus::NoSuchElement | ErrorStatus::NoSuchFrame | ErrorStatus::StaleElementReference => {
            Error::thrown("Error", message)
        }
        ErrorStatus::InvalidArgument | ErrorStatus::InvalidCookieDomain | ErrorStatus::UnableToSetCookie => {
            Error::new(Code::InvalidOption, message)
        }
        _ => devtools::refused(message),
    }
}

/// Chromedriver reports a lost browser as an unknown error that begins with these words.
fn is_lost(message: &str) -> bool {
    let lost = ["disconnected", "chrome not reachable", "tab crashed", "unable to discover open window in chrome"];
    let message = message.strip_prefix("unknown error: ").unwrap_or(message);
    lost.iter().any(|words| message.starts_with(words)) || message.contains("session deleted because of page crash")
}

//! The one error type of the core: a stable code, a message for people, and what the page said where it was the page.

use std::borrow::Cow;

use serde::Serialize;

/// The codes of the public contract that the core itself can give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// An argument that got past JavaScript's checks and still cannot be used.
    InvalidOption,
    /// No such browser or driver.
    BrowserNotFound,
    /// The browser or its driver did not start.
    BrowserLaunch,
    /// The browser died under the call.
    BrowserGone,
    /// The town has been closed.
    TownClosed,
    /// The page was used after its attempt ended.
    PageClosed,
    /// A navigation failed: a net error or a bad URL.
    Navigation,
    /// The page's script threw or could not be parsed.
    Evaluation,
    /// The browser refused, or failed at, what it was told to do.
    Browser,
    /// An operation took longer than its own timeout.
    Timeout,
    /// This engine or browser cannot do it.
    Unsupported,
}

impl Code {
    /// The code as programs see it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidOption => "ERR_INVALID_OPTION",
            Self::BrowserNotFound => "ERR_BROWSER_NOT_FOUND",
            Self::BrowserLaunch => "ERR_BROWSER_LAUNCH",
            Self::BrowserGone => "ERR_BROWSER_GONE",
            Self::TownClosed => "ERR_TOWN_CLOSED",
            Self::PageClosed => "ERR_PAGE_CLOSED",
            Self::Navigation => "ERR_NAVIGATION",
            Self::Evaluation => "ERR_EVALUATION",
            Self::Browser => "ERR_BROWSER",
            Self::Timeout => "ERR_TIMEOUT",
            Self::Unsupported => "ERR_UNSUPPORTED",
        }
    }
}

/// Chromium's reason for a navigation that came to nothing.
const GIVEN_UP: &str = "net::ERR_ABORTED";

/// An error that the page itself raised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Thrown {
    /// The constructor's name, `SyntaxError` for instance.
    pub name: String,
    /// The error's message.
    pub message: String,
}

/// Characters of a selector or an address that a message shows.
const LONGEST_SHOWN: usize = 120;

/// A text as a message shows it: of a long one the beginning.
#[must_use]
pub fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST_SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}...", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// What went wrong, said so that the reader can mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The kind of error, which is stable.
    pub code: Code,
    /// The message, for people; may change.
    pub message: String,
    /// The page's error, with [`Code::Evaluation`].
    pub thrown: Option<Thrown>,
    /// True when trying again cannot help: a missing binary, a version that does not match.
    pub permanent: bool,
}

impl Error {
    /// An error of this kind.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), thrown: None, permanent: code == Code::BrowserNotFound }
    }

    /// An error in the page's own script.
    pub fn thrown(name: impl Into<String>, message: impl Into<String>) -> Self {
        let thrown = Thrown { name: name.into(), message: message.into() };
        let message = format!("{}: {}", thrown.name, thrown.message);
        Self { thrown: Some(thrown), ..Self::new(Code::Evaluation, message) }
    }

    /// What the browser or its driver did not do, in its own words.
    pub fn refused(what: impl Into<String>) -> Self {
        Self::new(Code::Browser, what)
    }

    /// What the page threw, by the description that browsers give of it: name, message and stack.
    #[must_use]
    pub fn described(description: &str) -> Self {
        let first = description.lines().next().unwrap_or_default();
        match first.split_once(": ") {
            Some((name, message)) => Self::thrown(name, message),
            None => Self::thrown("Error", first),
        }
    }

    /// The browser died under the call.
    pub fn gone(why: impl std::fmt::Display) -> Self {
        Self::new(Code::BrowserGone, format!("the browser is gone: {why}"))
    }

    /// Why the browser did not get to an address, in its own words, and what to do where they are not enough.
    #[must_use]
    pub fn navigation(url: &str, reason: &str) -> Self {
        let advice = match reason {
            GIVEN_UP => {
                "; no page came of it: its scheme is unknown, it is a download or has no content, or the page went elsewhere"
            }
            // The DevTools protocol's, and WebDriver's.
            "Page.navigate: Cannot navigate to invalid URL" | "invalid argument" => {
                "; give the whole address, such as https://example.com/"
            }
            _ => "",
        };
        Self::new(Code::Navigation, format!("{reason} at {}{advice}", shortened(url)))
    }

    /// Whether a navigation was given up by the browser, which has nothing against its address.
    #[must_use]
    pub fn is_given_up(&self) -> bool {
        self.code == Code::Navigation && self.message.starts_with(GIVEN_UP)
    }

    /// What `engine` cannot do, and who can.
    #[must_use]
    pub fn unsupported(what: &str, engine: &str, who_can: &str) -> Self {
        Self::new(Code::Unsupported, format!("{what} is not supported by {engine}; {who_can}"))
    }

    /// Marks the error as one that trying again cannot mend.
    #[must_use]
    pub fn permanent(mut self) -> Self {
        self.permanent = true;
        self
    }

    /// Says last what the processes printed, if anything.
    #[must_use]
    pub fn followed_by(mut self, lines: &str) -> Self {
        if !lines.is_empty() {
            self.message = format!("{}\n{lines}", self.message);
        }
        self
    }

    /// Says first what was being done.
    #[must_use]
    pub fn during(mut self, what: &str) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }
}

/// A result with the core's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

//! How boomtown talks to a browser: the traits that every engine implements, and which engine it is to be.
//!
//! The supervisor launches a [`Browser`] through an [`Engine`] and asks it for a brand-new [`Page`] for each of its
//! slots; a handler's calls arrive at the page as [`Command`]s.

pub mod asked;
pub mod cdp;
mod chromium;
mod command;
mod deadline;
mod devtools;
mod discover;
mod event;
pub mod forked;
mod host;
mod image;
mod keys;
mod options;
mod page_script;
mod passes;
mod png;
mod relay;
mod waits;
pub mod webdriver;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

use crate::error::{Code, Error, Result};

use self::host::{launch_error, start};

pub use command::{Command, Reply};
pub use discover::{Candidate, Survey, survey};
pub use event::{EventKind, FrameState, PageEvent, PageListener, WorkerState};
pub use host::{Host, Pipe, Program, Started};
pub use options::{BrowserName, BrowserOptions, EngineKind, Isolation};
pub use relay::{Message, Relay, RelayListener, Relayed};

/// The name by which scripts find the runtime in their world; see [`page_script`].
#[must_use]
pub fn page_runtime() -> &'static str {
    &page_script::RUNTIME
}

/// One of a browser's slots.
fn slot_of<T>(slots: &[T], slot: u16) -> Result<&T> {
    slots.get(usize::from(slot)).ok_or_else(|| {
        Error::new(Code::InvalidOption, format!("slot {slot} does not exist; this worker has {}", slots.len()))
    })
}

/// Starts browsers of one kind.
#[async_trait]
pub trait Engine: Send + Sync {
    /// The engine's name in options, `stats()` and messages.
    fn name(&self) -> &'static str;

    /// What a launch waits for, in the words of an error.
    fn awaited(&self) -> &'static str {
        "the browser was"
    }

    /// Starts one browser that has room for `slots` pages at a time.
    async fn launch(&self, host: Arc<dyn Host>, slots: u16) -> Result<Box<dyn Browser>>;
}

/// What a browser says of itself.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The browser's process; none for a remote one.
    pub pid: Option<u32>,
    /// Processes whose end means that the worker is gone, besides those that the launch started itself.
    pub lifelines: Vec<u32>,
    /// Whether a new page may need a new browser, and its launch time.
    pub launches_for_pages: bool,
    /// Whether its pages come from where handlers run, and wait while one computes.
    pub waits_for_handlers: bool,
    /// Pages at a time, where that is not as the town has it.
    pub slots: Option<u16>,
    /// Name and version, as `chrome-headless-shell 156.0.1`.
    pub version: String,
}

/// One running browser.
#[async_trait]
pub trait Browser: Send + Sync {
    /// The browser's processes, version and traits.
    fn about(&self) -> About;

    /// Destroys the slot's page, if it has one, whatever state that is in, and makes a brand-new one.
    async fn fresh_page(&self, slot: u16) -> Result<Arc<dyn Page>>;

    /// Whether it shows within this time that it is alive, by a cheap round trip that a healthy browser answers even while its
    /// pages are busy. One that was told to do what may keep it from answering is believed to do that: the time limits of those
    /// who wait for it decide.
    async fn is_alive(&self, patience: Duration) -> bool;

    /// Waits until the browser is known to have died, and tells how. Whoever only knows it by its processes waits for ever.
    async fn died(&self) -> Error {
        std::future::pending().await
    }

    /// Whether the browser has died and nothing which ran on it was to blame.
    fn is_blameless(&self) -> bool {
        false
    }

    /// Waits until everything that the browser has said so far has been heard.
    async fn heard(&self) {}

    /// Asks the browser to end by itself. The caller waits for its processes, and kills them after a grace period.
    async fn close(&self);
}

/// One page. Calls may overlap; an engine that cannot overlap them runs them in order.
#[async_trait]
pub trait Page: Send + Sync {
    /// Runs one command.
    async fn run(&self, command: Command) -> Result<Reply>;

    /// Whether nobody here can tell if it has been used.
    fn is_elsewhere(&self) -> bool {
        false
    }

    /// The page's frames as they are known now: the top one, and each frame's children after it.
    fn frames(&self) -> Result<Vec<FrameState>>;

    /// The page's workers as they are known now.
    fn workers(&self) -> Result<Vec<WorkerState>>;

    /// From now on, tells of these kinds of events and no others, besides those that commands have asked for.
    fn listen(&self, kinds: &[EventKind], to: PageListener) -> Result<()>;

    /// Waits until the page has ended by itself while its browser lives on, as it does when its process crashes. An engine
    /// that is not told of that waits for ever.
    async fn ended(&self) {
        std::future::pending::<()>().await;
    }

    /// Lets a `DevTools` client of the program's own drive the page too. What the caller gives up half-way may stay open.
    async fn relay(&self, to: RelayListener) -> Result<Box<dyn Relay>>;
}

/// The engine for these options.
pub fn choose(kind: EngineKind, browser: BrowserOptions, isolation: Isolation) -> Result<Arc<dyn Engine>> {
    // A driver and capabilities mean something to WebDriver only.
    let plain = browser.url.is_none() && browser.driver.is_none() && browser.capabilities.is_empty();
    let cdp_can = browser.name == BrowserName::Chromium && plain && cfg!(unix);
    match kind {
        EngineKind::Auto if cdp_can => Ok(Arc::new(cdp::Cdp::new(browser, isolation)?)),
        EngineKind::Auto | EngineKind::Webdriver => Ok(Arc::new(webdriver::WebDriver::new(browser, isolation)?)),
        EngineKind::Cdp => Ok(Arc::new(cdp::Cdp::new(browser, isolation)?)),
    }
}

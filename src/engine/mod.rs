//! How we talk to a browser: the traits that every engine implements, and what they are told at launch.
//!
//! The supervisor launches a [`Browser`] through an [`Engine`] and asks it for a brand-new [`Page`] for each of its
//! slots; a handler's calls arrive at the page as [`Command`]s.

pub mod cdp;
mod chromium;
mod command;
mod deadline;
mod devtools;
mod discover;
mod event;
pub mod forked;
mod image;
mod page_script;
mod relay;
pub mod webdriver;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::mpsc,
};
use tokio_util::sync::CancellationToken;

use crate::error::{Code, Error, Result};

pub use command::{Command, Reply};
pub use discover::{Survey, survey};
pub use event::{EventKind, PageEvent, PageListener};
pub use relay::{Message, Relay, RelayListener, Relayed};

/// By which scripts find the runtime in their world; see [`page_script`].
#[must_use]
pub fn page_runtime() -> &'static str {
    &page_script::RUNTIME
}

/// What one item can see of another on the same worker; the table is in docs/isolation.md.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Isolation {
    /// A new page in the worker's profile.
    #[default]
    Page,
    /// A new browser context: cookies and storage of its own.
    Context,
    /// A new browser.
    Browser,
    /// The same page, its document replaced.
    Reuse,
}

/// Which browser, and where it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BrowserOptions {
    /// The kind of browser.
    pub name: BrowserName,
    /// The browser's binary; searched for where absent.
    pub path: Option<PathBuf>,
    /// The driver's binary; searched for where absent.
    pub driver: Option<PathBuf>,
    /// A remote `WebDriver` endpoint; nothing is launched here.
    pub url: Option<String>,
    /// Further arguments of the browser.
    pub args: Vec<String>,
    /// Further environment variables of the browser and its driver.
    pub env: BTreeMap<String, String>,
    /// Without a window.
    pub headless: bool,
    /// Whether Chromium's sandbox is on.
    pub sandbox: bool,
    /// Whether the frames of pages are begun by us, where the browser lets us.
    pub drive_frames: bool,
    /// Merged into the `WebDriver` session request.
    pub capabilities: Map<String, Value>,
}

/// The kinds of browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BrowserName {
    /// Chromium, Chrome, Edge and chrome-headless-shell.
    #[default]
    Chromium,
    /// Firefox.
    Firefox,
    /// `WebKit`: WPE and `WebKitGTK`.
    Webkit,
}

/// A program that a launch needs to run.
#[derive(Debug)]
pub struct Program {
    /// Its binary.
    pub path: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Variables added to the environment.
    pub env: BTreeMap<String, String>,
    /// Whether it gets a [`Pipe`].
    pub pipe: bool,
    /// Whether the worker is lost when it ends.
    pub vital: bool,
}

/// Our ends of two pipes to a program: it reads its descriptor 3 and writes its descriptor 4.
pub struct Pipe {
    /// What we write, it reads.
    pub to: Box<dyn AsyncWrite + Send + Unpin>,
    /// What it writes, we read.
    pub from: Box<dyn AsyncRead + Send + Unpin>,
}

/// A program that was started.
pub struct Started {
    /// Its process.
    pub pid: u32,
    /// Every line it prints, until it closes its output; a receiver that is dropped or slow loses lines, never blocks
    /// the program.
    pub lines: mpsc::Receiver<String>,
    /// Present if the program asked for it.
    pub pipe: Option<Pipe>,
    /// Cancelled to have it killed, with all that it started.
    pub kill: CancellationToken,
    /// Cancelled once it has ended.
    pub ended: CancellationToken,
}

/// What the supervisor lends to a launch: a folder, and a way to start processes that never outlive their worker.
#[async_trait]
pub trait Host: Send + Sync {
    /// A private folder that is removed with the worker; also the processes' `TMPDIR`.
    fn folder(&self) -> &Path;

    /// Starts a program in the worker's process tree.
    async fn start(&self, program: Program) -> io::Result<Started>;

    /// The worker's number.
    fn worker(&self) -> u32;

    /// Makes a process the worker's that JavaScript has started: it is killed with the worker, and so is everything that has
    /// `marker` in its environment. `ended` is cancelled when JavaScript has heard of its end.
    fn adopt(&self, pid: u32, marker: String, ended: CancellationToken);

    /// The last lines that the worker's processes printed, for error messages.
    fn tail(&self) -> String;
}

/// `ENOEXEC`: the file is no program.
const EXEC_FORMAT: i32 = 8;

/// Why a launch failed: `who` says of which program, the last lines of the processes say more.
fn launch_error(host: &dyn Host, who: &str, path: &Path, what: &str) -> Error {
    Error::new(Code::BrowserLaunch, format!("{who} {}: {what}", path.display())).followed_by(&host.tail())
}

/// Starts a program; `who` is what the error calls it.
async fn start(host: &dyn Host, who: &str, program: Program) -> Result<Started> {
    let path = program.path.clone();
    host.start(program).await.map_err(|error| {
        let failure = launch_error(host, who, &path, &format!("cannot be started ({error})"));
        // Anything else, such as too many open files, may pass.
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => failure.permanent(),
            _ if error.raw_os_error() == Some(EXEC_FORMAT) => failure.permanent(),
            _ => failure,
        }
    })
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
    /// Name and version, as `chrome-headless-shell 156.0.1`.
    pub version: String,
}

/// One running browser.
#[async_trait]
pub trait Browser: Send + Sync {
    /// What is known of it.
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

    /// Whether it is known of one that has died that nothing which ran on it was to blame.
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

/// The engines one can ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineKind {
    /// `cdp` for Chromium on this machine, unless an option is given that only `webdriver` knows; else `webdriver`.
    #[default]
    Auto,
    /// `DevTools` protocol, for Chromium.
    Cdp,
    /// `WebDriver`, for every browser.
    Webdriver,
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

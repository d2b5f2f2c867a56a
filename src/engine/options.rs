//! Which browser and which engine a town is to use, as JavaScript sends it.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

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
}

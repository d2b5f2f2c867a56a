//! The fast engine: Chromium and chrome-headless-shell over the `DevTools` pipe. Many pages share a browser, everything
//! is told by events, no driver runs beside it and no port is open.
//!
//! # Layout
//!
//! Each part knows only those above it.
//!
//! - `protocol.rs`: the shapes of the protocol's events and answers.
//! - `connection/`: bytes, messages and answers; sessions over the pipe to one browser.
//! - `target/`: the state of one page of the browser, kept by the page's events.
//! - `client/`: a `DevTools` client of the program's own (Puppeteer, Playwright) at one target, and what it may do.
//! - `page/`: the commands of the page that a handler drives.
//! - `browser/`: a worker's browser processes and the pages of its slots, which are made ahead or renewed.

mod browser;
mod client;
mod connection;
#[cfg(test)]
mod fake;
mod page;
mod protocol;
mod target;

use std::sync::Arc;

use async_trait::async_trait;

use crate::error::{Error, Result};

use self::browser::CdpBrowser;
use super::{Browser, BrowserName, BrowserOptions, Engine, Host, Isolation, discover};

/// The engine: how to start browsers.
pub struct Cdp {
    options: BrowserOptions,
    isolation: Isolation,
}

impl Cdp {
    /// Checks what can be checked without starting anything.
    pub fn new(options: BrowserOptions, isolation: Isolation) -> Result<Self> {
        let who_can = "engine \"webdriver\" can";
        if options.name != BrowserName::Chromium {
            return Err(Error::unsupported("browser.name \"firefox\"", "the cdp engine", who_can));
        }
        for (given, option) in [
            (options.url.is_some(), "browser.url"),
            (options.driver.is_some(), "browser.driver"),
            (!options.capabilities.is_empty(), "browser.capabilities"),
        ] {
            if given {
                return Err(Error::unsupported(option, "the cdp engine", who_can));
            }
        }
        if cfg!(windows) {
            return Err(Error::unsupported("Windows", "the cdp engine", who_can));
        }
        Ok(Self { options, isolation })
    }
}

#[async_trait]
impl Engine for Cdp {
    fn name(&self) -> &'static str {
        "cdp"
    }

    async fn launch(&self, host: Arc<dyn Host>, slots: u16) -> Result<Box<dyn Browser>> {
        let path = discover::browser(&self.options)?;
        let browser = CdpBrowser::launch(path, self.options.clone(), self.isolation, host, slots).await?;
        Ok(Box::new(browser))
    }
}

//! The portable engine: any browser that has a `WebDriver`, launched here or remote.
//!
//! A `WebDriver` session is serial and has one current window, so every slot has a session of its own: its own browser
//! under the worker's one driver (geckodriver serves one session only and is started once a slot). Specification:
//! <https://www.w3.org/TR/webdriver2/>.

mod capabilities;
mod capture;
mod driver;
mod errors;
mod http;
mod input;
mod navigation;
mod page;
mod pause;
mod session;
mod slot;
mod tabs;

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::future::join_all;
use tokio::sync::Mutex;
use url::Url;

use crate::error::{Code, Error, Result};

use self::{driver::Driver, http::Http, page::WebDriverPage, session::Session, slot::Slot};
use super::{
    About, Browser, BrowserName, BrowserOptions, Engine, Host, Isolation, Page, command::Viewport, discover, slot_of,
};

/// Who can do what this engine cannot, for messages.
const CDP_CAN: &str = "the cdp engine can";

/// The engine: how to start sessions.
pub struct WebDriver {
    options: BrowserOptions,
    isolation: Isolation,
    remote: Option<Url>,
}

impl WebDriver {
    /// Checks what can be checked without starting anything.
    pub fn new(options: BrowserOptions, isolation: Isolation) -> Result<Self> {
        if isolation == Isolation::Context {
            return Err(Error::unsupported(
                "isolation \"context\"",
                "the webdriver engine",
                "isolation \"page\", \"browser\" and \"reuse\" are",
            ));
        }
        let remote = options.url.as_deref().map(remote_url).transpose()?;
        Ok(Self { options, isolation, remote })
    }
}

/// The endpoint, with the final slash that joining paths needs.
fn remote_url(text: &str) -> Result<Url> {
    let mut url = Url::parse(text).map_err(|error| {
        Error::new(
            Code::InvalidOption,
            format!("browser.url must be the URL of a WebDriver endpoint, got {text:?} ({error})"),
        )
    })?;
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}

#[async_trait]
impl Engine for WebDriver {
    fn name(&self) -> &'static str {
        "webdriver"
    }

    async fn launch(&self, host: Arc<dyn Host>, slots: u16) -> Result<Box<dyn Browser>> {
        let launcher = Arc::new(Launcher::new(self, host).await?);
        let mut ready = Vec::with_capacity(slots.into());
        for _ in 0..slots {
            let endpoint = launcher.endpoint().await?;
            let session = launcher.session(endpoint.clone()).await?;
            ready.push(Slot::new(endpoint, session, launcher.http.clone()));
        }
        let about = self.about(&ready);
        let slots = ready.into_iter().map(Mutex::new).collect();
        Ok(Box::new(WebDriverBrowser { launcher, slots, about, isolation: self.isolation }))
    }
}

impl WebDriver {
    fn about(&self, slots: &[Slot]) -> About {
        let launches_for_pages = self.isolation == Isolation::Browser;
        let version = slots.first().map(|slot| slot.session.version()).unwrap_or_default();
        if self.remote.is_some() {
            return About { launches_for_pages, version, ..About::default() };
        }
        let pids: Vec<u32> = slots.iter().filter_map(|slot| slot.session.pid()).collect();
        let pid = pids.first().copied();
        // With a browser for every item, a browser's end is no news.
        let lifelines = if launches_for_pages { Vec::new() } else { pids };
        About { pid, lifelines, launches_for_pages, version, ..About::default() }
    }
}

/// Starts sessions of one worker.
struct Launcher {
    options: BrowserOptions,
    place: Place,
    http: Http,
    host: Arc<dyn Host>,
}

/// Where sessions are started.
enum Place {
    /// A driver that serves any number of sessions.
    Shared { endpoint: Url, browser: Option<PathBuf> },
    /// A driver of its own for every session.
    Separate { driver: PathBuf, browser: PathBuf },
}

impl Launcher {
    async fn new(engine: &WebDriver, host: Arc<dyn Host>) -> Result<Self> {
        let options = engine.options.clone();
        let http = Http::new(engine.remote.as_ref())?;
        let place = if let Some(endpoint) = &engine.remote {
            Place::Shared { endpoint: endpoint.clone(), browser: None }
        } else {
            let (browser, driver) = discover::browser_and_driver(&options)?;
            if options.name == BrowserName::Chromium {
                let Driver { endpoint } = Driver::start(&driver, &options, host.as_ref()).await?;
                Place::Shared { endpoint, browser: Some(browser) }
            } else {
                Place::Separate { driver, browser }
            }
        };
        Ok(Self { options, place, http, host })
    }

    /// Where one slot's sessions are started.
    async fn endpoint(&self) -> Result<Url> {
        match &self.place {
            Place::Shared { endpoint, .. } => Ok(endpoint.clone()),
            Place::Separate { driver, .. } => {
                Driver::start(driver, &self.options, self.host.as_ref()).await.map(|driver| driver.endpoint)
            }
        }
    }

    async fn session(&self, endpoint: Url) -> Result<Session> {
        let browser = match &self.place {
            Place::Shared { browser, .. } => browser.as_deref(),
            Place::Separate { browser, .. } => Some(browser.as_path()),
        };
        let capabilities = capabilities::request(&self.options, browser, self.host.folder());
        let session = Session::start(endpoint, capabilities, self.http.clone()).await;
        session.map_err(|error| error.followed_by(&self.host.tail()))
    }
}

struct WebDriverBrowser {
    launcher: Arc<Launcher>,
    slots: Vec<Mutex<Slot>>,
    about: About,
    isolation: Isolation,
}

#[async_trait]
impl Browser for WebDriverBrowser {
    fn about(&self) -> About {
        self.about.clone()
    }

    async fn fresh_page(&self, slot: u16) -> Result<Arc<dyn Page>> {
        let slot = slot_of(&self.slots, slot)?;
        let mut slot = slot.lock().await;
        match self.isolation {
            Isolation::Reuse if slot.used => slot.reuse().await?,
            Isolation::Browser if slot.used => {
                slot.session.end().await;
                let session = self.launcher.session(slot.endpoint.clone()).await?;
                slot.replace(session);
                slot.fresh_tab().await?;
            }
            _ => slot.fresh_tab().await?,
        }
        slot.used = true;
        let page = WebDriverPage::new(slot.session.clone());
        if !slot.session.is_chromium() {
            // Tabs share their window's size, and the last item may have changed it.
            page.set_viewport(Viewport::DEFAULT).await?;
        }
        Ok(Arc::new(page))
    }

    async fn is_alive(&self, patience: Duration) -> bool {
        // One that is being prepared has a time limit of its own.
        let session = |slot: &Mutex<Slot>| Some(slot.try_lock().ok()?.session.clone());
        let sessions: Vec<Arc<Session>> = self.slots.iter().filter_map(session).collect();
        join_all(sessions.iter().map(|session| session.is_alive(patience))).await.into_iter().all(|alive| alive)
    }

    async fn close(&self) {
        // A slot that is being prepared is not waited for: the supervisor's grace period is the limit.
        for slot in &self.slots {
            if let Ok(slot) = slot.try_lock() {
                slot.session.end().await;
            }
        }
    }
}

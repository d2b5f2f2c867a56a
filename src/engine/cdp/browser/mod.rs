//! A worker's browser: its processes, and the pages of its slots, of which the next ones are made ahead.

mod contexts;
mod pages;
mod process;
mod renewal;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures_util::future::join_all;
use serde_json::json;
use tokio::{sync::Mutex, task::JoinHandle, time::timeout};

use crate::{
    engine::{
        About, Browser, BrowserOptions, Host, Isolation, Page,
        cdp::{
            page::CdpPage,
            target::{Target, frame_clock},
        },
        page_script::DISOWN,
        slot_of,
    },
    error::{Code, Result},
};

use self::{
    contexts::SlotContexts,
    process::{Process, ProcessTraits},
};

/// How long a page that is used again may take to become empty; one that cannot is replaced.
const RESET: Duration = Duration::from_secs(1);
/// How long a page may take to become new, where another one stands by.
const RENEWED: Duration = Duration::from_millis(500);
/// How long the next page may take once the one before is gone, if they share a process; in one that is still busy with a
/// page that is gone nothing else ever runs.
const UNBLOCKED: Duration = Duration::from_millis(500);

/// Starts browser processes of one worker.
struct Launcher {
    browser: PathBuf,
    options: BrowserOptions,
    traits: ProcessTraits,
    host: Arc<dyn Host>,
    launched: AtomicU32,
}

impl Launcher {
    async fn launch(&self) -> Result<Process> {
        let number = self.launched.fetch_add(1, Ordering::Relaxed);
        let profile = self.host.folder().join(format!("profile-{number}"));
        Process::launch(&self.browser, &self.options, self.host.as_ref(), profile, &self.traits).await
    }
}

/// Makes pages as the isolation wants them.
struct PageMaker {
    launcher: Launcher,
    isolation: Isolation,
    /// The worker's browser; with one for each page, the first of them.
    shared: Arc<Process>,
    /// Whether the shared browser has been given to a page.
    used: AtomicBool,
}

/// A page, and the browser process and the context that it is in.
#[derive(Clone)]
struct Made {
    process: Arc<Process>,
    target: Arc<Target>,
    context: Option<String>,
}

impl PageMaker {
    async fn make(&self) -> Result<Made> {
        let (process, context) = match self.isolation {
            Isolation::Page | Isolation::Reuse => (self.shared.clone(), None),
            Isolation::Context => (self.shared.clone(), Some(self.shared.new_context(json!({})).await?)),
            Isolation::Browser => (self.process().await?, None),
        };
        match process.new_page(context.as_deref()).await {
            Ok(target) => {
                if context.is_some() {
                    target.keep_private();
                }
                Ok(Made { process, target, context })
            }
            Err(error) => {
                match (self.isolation, &context) {
                    (Isolation::Browser, _) => process.end().await,
                    (_, Some(context)) => process.dispose(context).await?,
                    (_, None) => {}
                }
                Err(error)
            }
        }
    }

    /// A browser that has had no page.
    async fn process(&self) -> Result<Arc<Process>> {
        if !self.used.swap(true, Ordering::Relaxed) {
            return Ok(self.shared.clone());
        }
        self.launcher.launch().await.map(Arc::new)
    }
}

impl Made {
    /// Destroys the page with everything that belongs to it.
    async fn destroy(self, isolation: Isolation) -> Result<()> {
        match (isolation, &self.context) {
            (Isolation::Browser, _) => {
                self.process.end().await;
                Ok(())
            }
            (_, Some(context)) => self.process.dispose(context).await,
            (_, None) => self.process.destroy(&self.target).await,
        }
    }

    /// The page again, empty, and with nothing set.
    async fn reset(&self, used: &CdpPage) -> Result<Self> {
        if renewal::leave(used) {
            self.target.clock.rest();
            used.empty().await?;
            self.target.leave_size();
            if !self.target.is_entangled() {
                return Ok(self.clone());
            }
        }
        used.release_all().await?;
        self.process.close_popups(&self.target).await?;
        // The page takes its first size again.
        let still = self.target.clock.still().await;
        let target = self.process.reattach(&self.target).await?;
        drop(still);
        let page = self.process.page(target.clone());
        // A popup that is its opener may take a while to be gone.
        page.top().run(DISOWN).await?;
        page.empty().await?;
        Ok(Self { target, ..self.clone() })
    }
}

/// A page that a slot has handed out.
struct Current {
    made: Made,
    page: Arc<CdpPage>,
    contexts: Arc<SlotContexts>,
}

/// Room for one page.
#[derive(Default)]
struct Slot {
    current: Option<Current>,
    /// Another page, made while the current one works, so that nobody waits for its start.
    spare: Option<JoinHandle<Result<Made>>>,
}

/// See the [module](self).
pub struct CdpBrowser {
    about: About,
    maker: Arc<PageMaker>,
    slots: Vec<Mutex<Slot>>,
}

impl CdpBrowser {
    /// Starts the worker's first browser process.
    pub async fn launch(
        browser: PathBuf,
        options: BrowserOptions,
        isolation: Isolation,
        host: Arc<dyn Host>,
        slots: u16,
    ) -> Result<Self> {
        let drives_frames = frame_clock::is_wanted(&browser, &options, slots);
        let launcher = Launcher {
            browser,
            options,
            traits: ProcessTraits {
                vital: isolation != Isolation::Browser,
                // With one page at a time, no page can keep another waiting.
                renderer_limit: (isolation == Isolation::Page && slots == 1).then_some(1),
                drives_frames,
                shared: isolation != Isolation::Browser && slots > 1,
            },
            host,
            launched: AtomicU32::new(0),
        };
        let first = Arc::new(launcher.launch().await?);
        let about = About {
            pid: Some(first.pid),
            launches_for_pages: isolation == Isolation::Browser,
            version: first.version.clone(),
            ..About::default()
        };
        let used = AtomicBool::new(false);
        let maker = Arc::new(PageMaker { launcher, isolation, shared: first, used });
        let slots = (0..slots).map(|_| Mutex::default()).collect();
        Ok(Self { about, maker, slots })
    }

    /// The browsers in use. A slot that is between two browsers of its own has none: whoever waits for the slot's page watches
    /// that, and a browser that is not closed here is killed.
    fn processes(&self) -> Vec<Arc<Process>> {
        if self.maker.isolation != Isolation::Browser {
            return vec![self.maker.shared.clone()];
        }
        let current = |slot: &Mutex<Slot>| Some(slot.try_lock().ok()?.current.as_ref()?.made.process.clone());
        self.slots.iter().filter_map(current).collect()
    }

    async fn next(&self, slot: &mut Slot) -> Result<Made> {
        let isolation = self.maker.isolation;
        let Some(Current { made, page, contexts }) = slot.current.take() else { return self.maker.make().await };
        made.process.succeed(&made.target);
        let moved = contexts.dispose().await?;
        if !moved && let Some(again) = self.again(&made, &page).await? {
            tracing::trace!("the page is used again");
            return Ok(again);
        }
        let Some(spare) = slot.spare.take() else {
            made.destroy(isolation).await?;
            return self.maker.make().await;
        };
        // The browser does one after the other, and is told both at once.
        let (ended, spare) = tokio::join!(made.destroy(isolation), self.usable(spare));
        ended?;
        match spare? {
            Some(made) => Ok(made),
            None => self.maker.make().await,
        }
    }

    /// The page that was used, made new for its next user; none where another page is needed.
    async fn again(&self, made: &Made, used: &CdpPage) -> Result<Option<Made>> {
        let again = async {
            match self.maker.isolation {
                Isolation::Reuse => made.reset(used).await.map(Some),
                Isolation::Page | Isolation::Context if renewal::leave(used) => {
                    renewal::renew(used).await.map(|()| Some(made.clone()))
                }
                Isolation::Page | Isolation::Context | Isolation::Browser => Ok(None),
            }
        };
        let patience = if self.maker.isolation == Isolation::Reuse { RESET } else { RENEWED };
        match timeout(patience, again).await {
            Ok(Ok(again)) => Ok(again),
            Ok(Err(error)) if error.code == Code::BrowserGone => Err(error),
            // The page is busy for ever, has crashed, or went elsewhere.
            Ok(Err(error)) => {
                tracing::debug!(%error, "the page cannot be used again");
                Ok(None)
            }
            Err(_) => {
                tracing::debug!("the page is not empty in time");
                Ok(None)
            }
        }
    }

    /// The page that was made ahead, unless it is of no use. The page before it is being destroyed meanwhile.
    async fn usable(&self, mut spare: JoinHandle<Result<Made>>) -> Result<Option<Made>> {
        let one_renderer = self.maker.launcher.traits.renderer_limit.is_some();
        let made = async {
            let made = (&mut spare).await.ok()?.ok()?;
            if one_renderer {
                // A failure is the page's end.
                let _ = made.target.answers().await;
            }
            Some(made)
        };
        let Ok(made) = timeout(if one_renderer { UNBLOCKED } else { Duration::MAX }, made).await else {
            tracing::info!("a page that is gone keeps the next one waiting: its process is ended");
            spare.abort();
            self.maker.shared.crash().await?;
            return Ok(None);
        };
        match made {
            Some(made) if made.target.alive().is_err() => made.destroy(self.maker.isolation).await.map(|()| None),
            made => Ok(made),
        }
    }
}

#[async_trait]
impl Browser for CdpBrowser {
    fn about(&self) -> About {
        self.about.clone()
    }

    async fn fresh_page(&self, slot: u16) -> Result<Arc<dyn Page>> {
        let slot = slot_of(&self.slots, slot)?;
        let mut slot = slot.lock().await;
        let made = self.next(&mut slot).await?;
        let contexts = Arc::new(SlotContexts::new(made.process.clone()));
        let mut page = made.process.page(made.target.clone());
        page.contexts = Some(contexts.clone());
        let page = Arc::new(page);
        slot.current = Some(Current { made, page: page.clone(), contexts });
        if matches!(self.maker.isolation, Isolation::Page | Isolation::Context) && slot.spare.is_none() {
            let maker = self.maker.clone();
            slot.spare = Some(tokio::spawn(async move { maker.make().await }));
        }
        Ok(page)
    }

    async fn is_alive(&self, patience: Duration) -> bool {
        let processes = self.processes();
        join_all(processes.iter().map(|process| process.is_alive(patience))).await.into_iter().all(|alive| alive)
    }

    async fn close(&self) {
        for process in self.processes() {
            process.close().await;
        }
    }
}

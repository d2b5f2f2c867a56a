//! Browsers in forked processes: each one is Node, forked by JavaScript, and has a browser of its own and the handlers.
//! This engine asks JavaScript for such processes, and hears from it what becomes of them; what a handler does with a page
//! stays in the process that the page is in.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use tokio::sync::{Notify, Semaphore, oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::error::{Code, Error, Result};

use super::{
    About, Browser, Command, Engine, EventKind, FrameState, Host, Isolation, Page, PageListener, Relay, RelayListener,
    Reply, WorkerState,
};

/// What is asked of JavaScript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForkOrder {
    /// Fork a process for this worker, if there is none yet.
    Start,
    /// Call [`Forks::heard`] when everything that the process has said is passed on.
    Hear,
    /// Let the process end by itself.
    Close,
    /// End the process, by force if it does not end within the grace period: the supervisor cannot, or has never known it.
    End,
}

/// Gets every order, with the number of the worker that it is about.
pub type ForkOrders = Arc<dyn Fn(u32, ForkOrder) + Send + Sync>;

/// What JavaScript tells of one process.
struct Fork {
    /// The process's id, and the variable that marks it and its descendants.
    started: Option<oneshot::Sender<(u32, String)>>,
    /// What the process has, once its browser is up; or why that is not up.
    up: watch::Sender<Option<Result<Up>>>,
    pages: Arc<Pages>,
    ended: CancellationToken,
    heard: Arc<Notify>,
    blameless: Arc<AtomicBool>,
}

/// A process whose browser is up.
#[derive(Clone)]
struct Up {
    /// The browser's name and version.
    version: String,
    /// Pages at a time.
    slots: u16,
}

/// Brand-new pages that wait for an item, a slot each.
#[derive(Default)]
struct Pages(Mutex<HashMap<u16, Arc<Semaphore>>>);

impl Pages {
    fn of(&self, slot: u16) -> Arc<Semaphore> {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pages.entry(slot).or_insert_with(|| Arc::new(Semaphore::new(0))).clone()
    }
}

/// The processes of one town, by their workers' numbers.
#[derive(Default)]
pub struct Forks {
    forks: Mutex<HashMap<u32, Fork>>,
}

impl Forks {
    /// A worker has its process; it and what it starts have this variable in their environment.
    pub fn started(&self, worker: u32, pid: u32, marker: String) {
        if let Some(started) = self.forks().get_mut(&worker).and_then(|fork| fork.started.take()) {
            // A launch that was called off has its process killed.
            let _ = started.send((pid, marker));
        }
    }

    /// The process's browser is up, and there is a handler for so many pages at a time.
    pub fn ready(&self, worker: u32, version: String, slots: u16) {
        if let Some(fork) = self.forks().get(&worker) {
            fork.up.send_if_modified(|up| {
                let news = up.is_none();
                if news {
                    *up = Some(Ok(Up { version, slots }));
                }
                news
            });
        }
    }

    /// One of the process's slots has a brand-new page.
    pub fn page(&self, worker: u32, slot: u16) {
        if let Some(fork) = self.forks().get(&worker) {
            fork.pages.of(slot).add_permits(1);
        }
    }

    /// What the process had said when that was asked has been passed on.
    pub fn heard(&self, worker: u32) {
        if let Some(fork) = self.forks().get(&worker) {
            fork.heard.notify_waiters();
        }
    }

    /// The process is about to end, for a reason that none of its items has given.
    pub fn blameless(&self, worker: u32) {
        if let Some(fork) = self.forks().get(&worker) {
            fork.blameless.store(true, Ordering::Relaxed);
        }
    }

    /// The process cannot go on, or is gone.
    pub fn down(&self, worker: u32, why: Error) {
        if let Some(fork) = self.forks().get(&worker) {
            fork.up.send_if_modified(|up| {
                let news = !matches!(up, Some(Err(_)));
                if news {
                    *up = Some(Err(why));
                }
                news
            });
        }
    }

    /// The worker's process has ended.
    pub fn ended(&self, worker: u32) {
        if let Some(fork) = self.forks().remove(&worker) {
            fork.ended.cancel();
        }
    }

    fn forks(&self) -> MutexGuard<'_, HashMap<u32, Fork>> {
        self.forks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// See the [module](self).
pub struct Forked {
    name: &'static str,
    isolation: Isolation,
    forks: Arc<Forks>,
    orders: ForkOrders,
}

impl Forked {
    /// `name` is that of the engine which the processes use.
    pub fn new(name: &'static str, isolation: Isolation, forks: Arc<Forks>, orders: ForkOrders) -> Self {
        Self { name, isolation, forks, orders }
    }
}

#[async_trait]
impl Engine for Forked {
    fn name(&self) -> &'static str {
        self.name
    }

    fn awaited(&self) -> &'static str {
        "the worker process, with this town, its \"queue\" listener and its browser, was"
    }

    async fn launch(&self, host: Arc<dyn Host>, _: u16) -> Result<Box<dyn Browser>> {
        let worker = host.worker();
        let (started, process) = oneshot::channel();
        let (up, ended, heard) = (watch::Sender::new(None), CancellationToken::new(), Arc::<Notify>::default());
        let blameless = Arc::<AtomicBool>::default();
        let pages = Arc::<Pages>::default();
        let fork = Fork {
            started: Some(started),
            up: up.clone(),
            pages: pages.clone(),
            ended: ended.clone(),
            heard: heard.clone(),
            blameless: blameless.clone(),
        };
        self.forks.forks().insert(worker, fork);
        // From here on, whatever happens, it is killed: by its host, or else when this is dropped.
        let mut browser = ForkedBrowser {
            worker,
            orders: self.orders.clone(),
            forks: self.forks.clone(),
            pages,
            up,
            heard,
            blameless,
            adopted: false,
            about: About::default(),
        };
        (self.orders)(worker, ForkOrder::Start);
        let mut states = browser.up.subscribe();
        let (pid, marker) = tokio::select! {
            // One that has ended already is not adopted: its number may be somebody else's.
            biased;
            error = failed(&mut states) => return Err(error),
            process = process => process.map_err(|_| Error::gone("the town has ended"))?,
        };
        host.adopt(pid, marker, ended);
        browser.adopted = true;
        let up = states.wait_for(Option::is_some).await.ok().and_then(|up| up.clone());
        let Up { version, slots } = up.unwrap_or_else(|| Err(Error::gone("the town has ended")))?;
        browser.about = About {
            pid: Some(pid),
            version,
            launches_for_pages: self.isolation == Isolation::Browser,
            waits_for_handlers: true,
            slots: Some(slots),
            ..About::default()
        };
        Ok(Box::new(browser))
    }
}

/// Waits until the process cannot go on.
async fn failed(states: &mut watch::Receiver<Option<Result<Up>>>) -> Error {
    match states.wait_for(|up| matches!(up, Some(Err(_)))).await.as_deref() {
        Ok(Some(Err(error))) => error.clone(),
        _ => Error::gone("the town has ended"),
    }
}

struct ForkedBrowser {
    worker: u32,
    orders: ForkOrders,
    forks: Arc<Forks>,
    pages: Arc<Pages>,
    up: watch::Sender<Option<Result<Up>>>,
    heard: Arc<Notify>,
    blameless: Arc<AtomicBool>,
    adopted: bool,
    about: About,
}

#[async_trait]
impl Browser for ForkedBrowser {
    fn about(&self) -> About {
        self.about.clone()
    }

    /// The process makes one by itself for each item that it has had.
    async fn fresh_page(&self, slot: u16) -> Result<Arc<dyn Page>> {
        let pages = self.pages.of(slot);
        pages.acquire().await.map_err(|_| Error::gone("the town has ended"))?.forget();
        Ok(Arc::new(ForkedPage))
    }

    /// The process watches its browser itself; that a handler computes for long is no reason to end it.
    async fn is_alive(&self, _: Duration) -> bool {
        true
    }

    async fn died(&self) -> Error {
        failed(&mut self.up.subscribe()).await
    }

    fn is_blameless(&self) -> bool {
        self.blameless.load(Ordering::Relaxed)
    }

    async fn heard(&self) {
        let heard = self.heard.notified();
        (self.orders)(self.worker, ForkOrder::Hear);
        heard.await;
    }

    async fn close(&self) {
        (self.orders)(self.worker, ForkOrder::Close);
        let ended = self.forks.forks().get(&self.worker).map(|fork| fork.ended.clone());
        if let Some(ended) = ended {
            ended.cancelled().await;
        }
    }
}

impl Drop for ForkedBrowser {
    fn drop(&mut self) {
        let mut forks = self.forks.forks();
        if forks.get(&self.worker).is_some_and(|fork| fork.started.is_some()) {
            forks.remove(&self.worker);
        }
        drop(forks);
        if !self.adopted || cfg!(not(unix)) {
            (self.orders)(self.worker, ForkOrder::End);
        }
    }
}

/// A page that is in another process, as are those who may use it.
struct ForkedPage;

impl ForkedPage {
    fn elsewhere() -> Error {
        Error::new(Code::Unsupported, "the page is in a worker process, and only handlers that run there can use it")
    }
}

#[async_trait]
impl Page for ForkedPage {
    async fn run(&self, _: Command) -> Result<Reply> {
        Err(Self::elsewhere())
    }

    fn is_elsewhere(&self) -> bool {
        true
    }

    fn frames(&self) -> Result<Vec<FrameState>> {
        Err(Self::elsewhere())
    }

    fn workers(&self) -> Result<Vec<WorkerState>> {
        Err(Self::elsewhere())
    }

    fn listen(&self, _: &[EventKind], _: PageListener) -> Result<()> {
        Err(Self::elsewhere())
    }

    async fn relay(&self, _: RelayListener) -> Result<Box<dyn Relay>> {
        Err(Self::elsewhere())
    }
}

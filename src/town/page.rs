//! A page while its attempt runs: calls go through to the engine, and all of them end when the attempt does.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use serde_json::Value;
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};

use crate::{
    engine::{Command, EventKind, FrameState, Page, Relay, RelayListener, Reply, WorkerState},
    error::{Code, Error, Result},
    supervisor::{LAST_BREATH, Vitals},
};

/// What a page tells; see [`crate::engine::PageEvent`].
pub struct AttemptEvent {
    pub name: &'static str,
    pub data: Value,
    /// The page that it brings.
    pub page: Option<Arc<AttemptPage>>,
}

/// A browser that is told to end, as by SIGTERM, gives its navigations up before it closes its pages; the end of the page
/// follows within this time.
const GIVEN_UP: Duration = Duration::from_millis(100);

type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A page, for as long as its attempt runs.
pub struct AttemptPage {
    page: Arc<dyn Page>,
    /// Something was asked of the page, so that it is not brand-new any more.
    touched: AtomicBool,
    /// Begins calls in the order in which they were made.
    calls: OnceLock<mpsc::UnboundedSender<Job>>,
    over: watch::Sender<Option<Error>>,
    /// The vitals of the page's worker.
    vitals: Arc<Vitals>,
    /// To the clients that drive the page too, by their numbers.
    relays: Mutex<HashMap<u64, Box<dyn Relay>>>,
}

impl AttemptPage {
    pub(super) fn new(page: Arc<dyn Page>, vitals: Arc<Vitals>) -> Self {
        Self::with(page, watch::Sender::new(None), vitals)
    }

    fn with(page: Arc<dyn Page>, over: watch::Sender<Option<Error>>, vitals: Arc<Vitals>) -> Self {
        let touched = AtomicBool::new(page.is_elsewhere());
        Self { page, touched, calls: OnceLock::new(), over, vitals, relays: Mutex::default() }
    }

    /// Runs something that [`AttemptPage::call`]s: begun after all that were submitted before, but not waiting for their end.
    pub fn submit(&self, job: impl Future<Output = ()> + Send + 'static) {
        self.touch();
        let calls = self.calls.get_or_init(|| {
            let (calls, jobs) = mpsc::unbounded_channel();
            tokio::spawn(run_in_order(jobs));
            calls
        });
        // The task lives as long as this sender, unless a job has panicked: then this one's owner is told by its drop.
        let _ = calls.send(Box::pin(job));
    }

    /// Runs one command. Errors with `ERR_PAGE_CLOSED` or `ERR_BROWSER_GONE` once the attempt is over.
    pub async fn call(&self, command: Command) -> Result<Reply> {
        self.touch();
        let mut over = self.over.subscribe();
        let done = tokio::select! {
            biased;
            why = ended(&mut over) => return Err(why),
            done = self.page.run(command) => done,
        };
        self.judged(done).await
    }

    /// Lets a client of the program's own drive the page too, until [`AttemptPage::close_relay`] or the attempt's end.
    pub async fn open_relay(&self, client: u64, to: RelayListener) -> Result<()> {
        self.touch();
        if let Some(why) = self.over.borrow().clone() {
            return Err(why);
        }
        // Not cut short by the attempt's end, or what has been begun would stay.
        let opened = self.page.relay(to).await;
        let opened = self.judged(opened).await?;
        let mut relays = self.relays();
        if let Some(why) = self.over.borrow().clone() {
            return Err(why);
        }
        relays.insert(client, opened);
        Ok(())
    }

    /// The page's frames; see [`Page::frames`].
    pub fn frames(&self) -> Result<Vec<FrameState>> {
        if let Some(why) = self.over.borrow().clone() {
            return Err(why);
        }
        self.touch();
        self.page.frames()
    }

    /// The page's workers; see [`Page::workers`].
    pub fn workers(&self) -> Result<Vec<WorkerState>> {
        if let Some(why) = self.over.borrow().clone() {
            return Err(why);
        }
        self.touch();
        self.page.workers()
    }

    /// Passes a message of a client's on. What one sends to a page that is over has no answer but the end, which it hears of.
    pub fn send(&self, client: u64, message: &str) -> Result<()> {
        self.relays().get(&client).map_or(Ok(()), |relay| relay.send(message))
    }

    /// Ends the relay of a client.
    pub fn close_relay(&self, client: u64) {
        self.relays().remove(&client);
    }

    fn relays(&self) -> MutexGuard<'_, HashMap<u64, Box<dyn Relay>>> {
        self.relays.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An error may be the first sign that the browser is dying. Then the error must not count as the handler's failure: this
    /// waits until the worker's task has taken the item back, and answers with the attempt's end.
    /// - The browser is gone: wait for that end.
    /// - The page was closed: wait [`LAST_BREATH`] for it.
    /// - The browser gave a navigation up: wait [`GIVEN_UP`] for the page's end first.
    /// - Every other error is the call's own.
    async fn judged<T>(&self, done: Result<T>) -> Result<T> {
        let Err(error) = &done else { return done };
        if let Some(why) = self.over.borrow().clone() {
            // The page has ended with its attempt, which is no news of the browser.
            return Err(why);
        }
        let mut over = self.over.subscribe();
        match error.code {
            Code::BrowserGone => {
                self.vitals.died(error.clone());
                return Err(ended(&mut over).await);
            }
            Code::PageClosed => {}
            _ if error.is_given_up() => {
                let end = async {
                    tokio::select! {
                        () = self.page.ended() => {}
                        _ = ended(&mut over) => {}
                    }
                };
                if timeout(GIVEN_UP, end).await.is_err() {
                    return done;
                }
            }
            _ => return done,
        }
        timeout(LAST_BREATH, ended(&mut over)).await.map_or(done, Err)
    }

    /// Tells of these kinds of events until the attempt is over.
    pub fn listen(
        self: &Arc<Self>,
        kinds: &[EventKind],
        to: impl Fn(AttemptEvent) + Send + Sync + 'static,
    ) -> Result<()> {
        if let Some(why) = self.over.borrow().clone() {
            return Err(why);
        }
        self.touch();
        // Weak, for the page keeps the listener.
        let this = Arc::downgrade(self);
        self.page.listen(
            kinds,
            Arc::new(move |event| {
                let Some(this) = this.upgrade() else { return };
                if this.over.borrow().is_some() {
                    return;
                }
                let page = event.page.map(|page| Arc::new(this.companion(page)));
                to(AttemptEvent { name: event.name, data: event.data, page });
            }),
        )
    }

    /// A page that this one has opened: it ends with the same attempt.
    fn companion(&self, page: Arc<dyn Page>) -> Self {
        Self::with(page, self.over.clone(), self.vitals.clone())
    }

    /// From now on the page is not brand-new any more.
    pub(super) fn touch(&self) {
        self.touched.store(true, Ordering::Relaxed);
    }

    /// Whether this attempt's page is the given one.
    pub(super) fn is(&self, page: &Arc<dyn Page>) -> bool {
        Arc::ptr_eq(&self.page, page)
    }

    /// The page, if nothing was ever asked of it: it is as good as new.
    pub(super) fn untouched(&self) -> Option<Arc<dyn Page>> {
        (!self.touched.load(Ordering::Relaxed)).then(|| self.page.clone())
    }

    /// The attempt is over; calls end with this error, now and from now on.
    pub(super) fn end(&self, why: Error) {
        self.over.send_replace(Some(why));
        self.relays().clear();
    }
}

/// Begins the jobs in their order; each goes on at its own pace.
async fn run_in_order(mut jobs: mpsc::UnboundedReceiver<Job>) {
    let mut running = FuturesUnordered::new();
    loop {
        tokio::select! {
            job = jobs.recv() => match job {
                Some(job) => running.push(job),
                None => break,
            },
            Some(()) = running.next() => {}
        }
    }
    while running.next().await.is_some() {}
}

async fn ended(over: &mut watch::Receiver<Option<Error>>) -> Error {
    match over.wait_for(Option::is_some).await.map(|why| why.clone()) {
        Ok(Some(why)) => why,
        _ => Error::new(Code::PageClosed, "the page's attempt is over"),
    }
}

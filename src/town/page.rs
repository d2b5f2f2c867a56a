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
use tokio::sync::{mpsc, watch};

use crate::{
    engine::{Command, EventKind, Page, Relay, RelayListener, Reply},
    error::{Code, Error, Result},
    supervisor::worker::Order,
};

/// A call that found the browser dead waits so long for the supervisor to say so first: the item must have been taken
/// back before its handler sees the error, or the handler's failure would count as the item's.
const OBITUARY: Duration = Duration::from_secs(5);

/// What a page tells; see [`crate::engine::PageEvent`].
pub struct AttemptEvent {
    /// Its name.
    pub name: &'static str,
    /// Its data.
    pub data: Value,
    /// The page that it brings.
    pub page: Option<Arc<AttemptPage>>,
}

/// A call on a page that was closed waits so long for news of the browser: one that is told to end, as by SIGTERM, closes its
/// pages first.
const LAST_BREATH: Duration = Duration::from_secs(1);

/// Before that, such a browser gives its navigations up; the end of the page follows within this time.
const GIVEN_UP: Duration = Duration::from_millis(100);

type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A page, for as long as its attempt runs.
pub struct AttemptPage {
    page: Arc<dyn Page>,
    /// Something was asked of it, so that it is not brand-new any more.
    touched: AtomicBool,
    /// Begins calls in the order in which they were made.
    calls: OnceLock<mpsc::UnboundedSender<Job>>,
    over: watch::Sender<Option<Error>>,
    worker: mpsc::UnboundedSender<Order>,
    /// To the clients that drive the page too, by their numbers.
    relays: Mutex<HashMap<u64, Box<dyn Relay>>>,
}

impl AttemptPage {
    pub(super) fn new(page: Arc<dyn Page>, worker: mpsc::UnboundedSender<Order>) -> Self {
        Self::with(page, watch::Sender::new(None), worker)
    }

    fn with(page: Arc<dyn Page>, over: watch::Sender<Option<Error>>, worker: mpsc::UnboundedSender<Order>) -> Self {
        let touched = AtomicBool::new(page.is_elsewhere());
        Self { page, touched, calls: OnceLock::new(), over, worker, relays: Mutex::default() }
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
        self.bury(done).await
    }

    /// Lets a client of the program's own drive the page too, until [`AttemptPage::close_relay`] or the attempt's end.
    pub async fn open_relay(&self, client: u64, to: RelayListener) -> Result<()> {
        self.touch();
        if let Some(why) = self.over.borrow().clone() {
            return Err(why);
        }
        // Not cut short by the attempt's end, or what has been begun would stay.
        let opened = self.page.relay(to).await;
        let opened = self.bury(opened).await?;
        let mut relays = self.relays();
        if let Some(why) = self.over.borrow().clone() {
            return Err(why);
        }
        relays.insert(client, opened);
        Ok(())
    }

    /// Passes a message of a client's on. What one sends to a page that is over has no answer but the end, which it hears of.
    pub fn send(&self, client: u64, message: &str) -> Result<()> {
        self.relays().get(&client).map_or(Ok(()), |relay| relay.send(message))
    }

    /// Ends a client's part.
    pub fn close_relay(&self, client: u64) {
        self.relays().remove(&client);
    }

    fn relays(&self) -> MutexGuard<'_, HashMap<u64, Box<dyn Relay>>> {
        self.relays.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds the answer of a browser that is dead, or may be dying, back until the supervisor knows. Then the attempt's end
    /// is the answer.
    async fn bury<T>(&self, done: Result<T>) -> Result<T> {
        if let (Err(_), Some(why)) = (&done, self.over.borrow().clone()) {
            // The page has ended with its attempt, which is no news of the browser.
            return Err(why);
        }
        let patience = match &done {
            Err(error) if error.code == Code::BrowserGone => {
                // A worker that is not there to hear it has been found dead already.
                let _ = self.worker.send(Order::Lost(error.clone()));
                OBITUARY
            }
            Err(error) if error.code == Code::PageClosed => LAST_BREATH,
            Err(error) if error.is_given_up() => {
                let mut over = self.over.subscribe();
                let end = async {
                    tokio::select! {
                        () = self.page.ended() => {}
                        _ = ended(&mut over) => {}
                    }
                };
                if tokio::time::timeout(GIVEN_UP, end).await.is_err() {
                    return done;
                }
                LAST_BREATH
            }
            _ => return done,
        };
        let why = tokio::time::timeout(patience, ended(&mut self.over.subscribe())).await;
        why.map_or(done, Err)
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
        Self::with(page, self.over.clone(), self.worker.clone())
    }

    /// From now on it is no brand-new page any more.
    pub(super) fn touch(&self) {
        self.touched.store(true, Ordering::Relaxed);
    }

    /// Whether it is this one.
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

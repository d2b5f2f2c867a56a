//! The town: a handle on the one [`actor`] that owns the queue and the fleet of workers, behind the [`stage`] that guards it,
//! and the events that it tells.

mod actor;
mod options;
mod page;
mod stage;
mod stats;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
        mpsc as sync_mpsc,
    },
    time::{Duration, Instant},
};

use tokio::runtime::Handle;

use crate::{
    engine::{
        self, Engine, Isolation, Relayed, Reply,
        asked::{Answer, Asked, Asks},
        forked::{ForkOrder, Forked, Forks},
    },
    error::{Code, Error, Result},
    queue::{AttemptId, ItemId, ItemOptions, Millis, Outcome, Refused, RetryReason, SlotId, Verdict, WorkerId},
    supervisor::OutputStream,
};

use self::{actor::Actor, stage::Stage};

pub use options::{Delay, Options};
pub use page::{AttemptEvent, AttemptPage};
pub use stats::{Stats, WorkerStats};

/// Something a program wants to hear of. Calls are named by numbers that the caller chose. Small, for there may be a million
/// before the program listens: what is rare is boxed.
pub enum Event {
    /// Run the handler with the attempt's page; see [`Town::page`].
    Start {
        /// The item to run.
        item: ItemId,
        /// The attempt's id, by which [`Town::page`] gives its page.
        attempt: AttemptId,
        /// The attempt's number among those of its item: 1, 2, ...
        number: u32,
        /// The slot that the attempt's page is in.
        slot: SlotId,
    },
    /// An attempt took too long.
    TimedOut(ItemId),
    /// The item waits again.
    Retry(ItemId, RetryReason),
    /// The item was accepted, but no slot is free.
    Backlog(ItemId),
    /// The item was not accepted.
    Refused(ItemId, Refused),
    /// It has ended; with the reason where no browser could be started, or the last one crashed.
    Settled(ItemId, Outcome, Option<Box<Error>>),
    /// Nothing waits or runs any more.
    Idle,
    /// A worker is being launched.
    WorkerStart(Box<WorkerStats>),
    /// A worker's browser is up.
    WorkerReady(Box<WorkerStats>),
    /// A worker's processes are gone, because it failed or died, with the reason, or was ended on purpose.
    WorkerExit(Box<WorkerStats>, Option<&'static str>, Option<Box<Error>>),
    /// The page of an item has ended by itself.
    PageEnded(ItemId),
    /// Something that the program's owner should know of.
    Warning(Box<Error>),
    /// A worker is to be launched, and waits for [`Town::launch_with`].
    Ask(u32),
    /// Something is to be done with a worker's process.
    Fork(u32, ForkOrder),
    /// A worker printed a line.
    Output(u32, OutputStream, String),
    /// Every worker was stopped, and its processes are gone.
    Stopped,
    /// Something happened on a page; the number is the one that its listener was given.
    Page(u64, Box<AttemptEvent>),
    /// Something for a client that drives a page too; the number is the one that it was given.
    Relayed(u64, Relayed),
    /// The answer to a call.
    Answer(u64, Box<Result<Reply>>),
    /// The town has failed by a fault of its own; nothing more will come.
    Broken(String),
}

/// Gets the events, in order, on whatever thread they happen. It must not call the town, which may be in the midst of a step.
pub type Listener = Arc<dyn Fn(Event) + Send + Sync>;

/// How many towns this process has had, and one.
static TOWNS: AtomicU32 = AtomicU32::new(1);

/// A handle on a running town. One that has failed has said so by [`Event::Broken`], and hears nothing any more.
pub struct Town {
    stage: Arc<Stage>,
    born: Instant,
    engine: &'static str,
    isolation: Isolation,
    listener: Listener,
    forks: Arc<Forks>,
    asks: Arc<Asks>,
}

impl Town {
    /// Sets the stage. Browsers are launched by [`Town::start`].
    pub fn new(runtime: &Handle, options: Options, output: bool, listener: Listener) -> Result<Self> {
        let asks = Arc::<Asks>::default();
        let engine = if let Some(browser) = options.browser.clone() {
            engine::choose(options.engine, browser, options.isolation)?
        } else {
            let told = listener.clone();
            let ask = Arc::new(move |worker| told(Event::Ask(worker)));
            Arc::new(Asked::new(options.engine, options.isolation, asks.clone(), ask)?)
        };
        Ok(Self { asks, ..Self::with_engine(runtime, options, engine, output, listener) })
    }

    /// The same with an engine of the caller's.
    pub fn with_engine(
        runtime: &Handle,
        options: Options,
        engine: Arc<dyn Engine>,
        output: bool,
        listener: Listener,
    ) -> Self {
        let born = Instant::now();
        let (engine_name, isolation) = (engine.name(), options.isolation);
        // Counted, because the lines of several towns mingle in one log.
        let span = tracing::error_span!("town", id = TOWNS.fetch_add(1, Ordering::Relaxed));
        let told = listener.clone();
        let stage =
            Stage::set(runtime, span, told.clone(), |post| Actor::new(options, engine, output, told, post, born));
        Self { stage, born, engine: engine_name, isolation, listener, forks: Arc::default(), asks: Arc::default() }
    }

    /// The engine's name.
    #[must_use]
    pub fn engine(&self) -> &'static str {
        self.engine
    }

    /// Queues an item; what becomes of it arrives as events.
    pub fn enqueue(&self, item: ItemId, options: ItemOptions) {
        self.stage.step(|actor| actor.enqueue(item, options));
    }

    /// Ends an item wherever it is.
    pub fn abort(&self, item: ItemId) {
        self.stage.step(|actor| actor.abort(item));
    }

    /// Ends an item whose data cannot be brought to where it would run.
    pub fn reject(&self, item: ItemId) {
        self.stage.step(|actor| actor.reject(item));
    }

    /// The handler has ended an attempt.
    pub fn finished(&self, attempt: AttemptId, verdict: Verdict) {
        self.stage.step(|actor| actor.finished(attempt, verdict));
    }

    /// The page of an attempt, while it runs.
    pub fn page(&self, attempt: AttemptId) -> Result<Arc<AttemptPage>> {
        let page = self.stage.step(|actor| actor.page(attempt)).flatten();
        page.ok_or_else(|| Error::new(Code::PageClosed, "the attempt that this page belongs to is over"))
    }

    /// Whether there is somebody to run items.
    pub fn set_handler(&self, present: bool) {
        self.stage.step(|actor| actor.set_handler(present));
    }

    /// Starts nothing any more; what runs goes on.
    pub fn pause(&self) {
        self.stage.step(Actor::pause);
    }

    /// Ends a pause.
    pub fn resume(&self) {
        self.stage.step(Actor::resume);
    }

    /// Answers [`Event::Ask`]: what a worker's browser is launched with, or why it is not.
    pub fn launch_with(&self, worker: u32, answer: Result<Answer>) {
        self.asks.answer(worker, answer);
    }

    /// From now on, workers are processes that JavaScript forks, and handlers run there. Called before the first start.
    pub fn fork_workers(&self) {
        let listener = self.listener.clone();
        let orders = Arc::new(move |worker, order| listener(Event::Fork(worker, order)));
        let engine = Arc::new(Forked::new(self.engine, self.isolation, self.forks.clone(), orders));
        self.stage.step(|actor| actor.use_engine(engine));
    }

    /// Where to tell what becomes of the forked processes.
    #[must_use]
    pub fn forks(&self) -> &Forks {
        &self.forks
    }

    /// A forked worker asks to be replaced: it has had as many items, or lived as long, as its process allows.
    pub fn spent(&self, worker: WorkerId) {
        self.stage.step(|actor| actor.spent(worker));
    }

    /// Launches the workers.
    pub fn start(&self) {
        self.stage.step(Actor::start);
    }

    /// Kills the workers; items go back to the queue.
    pub fn stop(&self) {
        self.stage.step(Actor::stop);
    }

    /// Changes the number of workers.
    pub fn resize(&self, workers: u32) {
        self.stage.step(|actor| actor.resize(workers));
    }

    /// Answers when every worker is up, or none can be.
    pub fn ready(&self, call: u64) {
        self.stage.step(|actor| actor.ready(call));
    }

    /// Ends the town, and answers when every process is gone. Without `drain` what waits is rejected. What still runs
    /// after the timeout is rejected too.
    pub fn close(&self, call: u64, drain: bool, timeout: Option<Millis>) {
        self.stage.step(|actor| actor.close(call, drain, timeout));
    }

    /// The present moment, everything told so far included. None from a town that has failed.
    #[must_use]
    pub fn stats(&self) -> Option<Stats> {
        self.stage.step(|actor| actor.stats())
    }

    /// Ends everything without a word to anybody, and waits for that at most so long.
    pub fn abandon(&self, at_most: Duration) {
        let (to, from) = sync_mpsc::sync_channel(1);
        self.stage.step(|actor| actor.abandon(to));
        // Whatever is left then is the watchdog's.
        let _ = from.recv_timeout(at_most);
    }

    /// Milliseconds since the town began, which deadlines are counted in.
    #[must_use]
    pub fn now(&self) -> Millis {
        millis_since(self.born)
    }
}

fn millis_since(start: Instant) -> Millis {
    Millis::try_from(start.elapsed().as_millis()).unwrap_or(Millis::MAX)
}

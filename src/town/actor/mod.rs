//! The town's actor: takes one step at a time, so nothing here is locked. It decides nothing itself, and only carries events
//! into the queue and the fleet, and their [`effects`] and actions (see [`workers`]) out.

mod closing;
mod effects;
mod workers;

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    engine::{Engine, Page, Reply},
    error::{Error, Result},
    queue::{AttemptId, ItemId, ItemOptions, Millis, Queue, SlotId, Verdict, WorkerId},
    supervisor::{Fleet, LoadGuard, Workspace},
};

use self::{closing::Closing, workers::WorkerEntry};
use super::{AttemptPage, Event, Listener, Options, Stats, millis_since, stats::Tally};

/// One step of the actor's.
pub(super) type Step = Box<dyn FnOnce(&mut Actor) + Send>;

/// Has the actor take a step later, from another task; nothing if the town is gone.
pub(super) type Post = Arc<dyn Fn(Step) + Send + Sync>;

/// When the actor wants to tick.
pub(super) enum Agenda {
    At(Instant),
    /// Nothing is due.
    Open,
    /// Never again.
    Over,
}

struct Running {
    item: ItemId,
    slot: SlotId,
    page: Arc<AttemptPage>,
    started: Millis,
    /// Counts the attempt among those that run on the worker.
    load: LoadGuard,
}

pub(super) struct Actor {
    queue: Queue,
    fleet: Fleet,
    options: Options,
    engine: Arc<dyn Engine>,
    output: bool,
    listener: Listener,
    post: Post,
    born: Instant,
    /// When the stage's task looks at what is due.
    alarm: Option<Millis>,
    workspace: Option<Arc<Workspace>>,
    /// How many workspaces are being left.
    leaving: u32,
    workers: HashMap<WorkerId, WorkerEntry>,
    /// Pages that wait for an item, or for their worker's duty to begin.
    pages: HashMap<SlotId, Arc<dyn Page>>,
    attempts: HashMap<AttemptId, Running>,
    tally: Tally,
    /// Pages of attempts that were lost, and why.
    ending: Vec<(Arc<AttemptPage>, Error)>,
    ready_calls: Vec<u64>,
    closing: Option<Closing>,
    stopping: bool,
    /// The program has been told that some workers cannot be started.
    shorthanded: bool,
    /// Why the last worker went down.
    last_crash: Option<Error>,
}

impl Actor {
    pub(super) fn new(
        options: Options,
        engine: Arc<dyn Engine>,
        output: bool,
        listener: Listener,
        post: Post,
        born: Instant,
    ) -> Self {
        Self {
            queue: Queue::new(options.limits(), fastrand::u64(..)),
            fleet: Fleet::new(options.policy(), fastrand::u64(..)),
            options,
            engine,
            output,
            listener,
            post,
            born,
            alarm: None,
            workspace: None,
            leaving: 0,
            workers: HashMap::new(),
            pages: HashMap::new(),
            attempts: HashMap::new(),
            tally: Tally::default(),
            ending: Vec::new(),
            ready_calls: Vec::new(),
            closing: None,
            stopping: false,
            shorthanded: false,
            last_crash: None,
        }
    }

    /// When the actor wants to tick, unless something is rescheduled first.
    pub(super) fn agenda(&mut self) -> Agenda {
        self.alarm = self.next_due();
        let at = self.alarm.and_then(|alarm| self.born.checked_add(Duration::from_millis(alarm)));
        match at {
            _ if self.is_over() => Agenda::Over,
            Some(at) => Agenda::At(at),
            None => Agenda::Open,
        }
    }

    pub(super) fn tick(&mut self) {
        let now = self.now();
        self.queue.tick(now);
        self.fleet.tick(now);
    }

    pub(super) fn enqueue(&mut self, item: ItemId, options: ItemOptions) {
        tracing::debug!(item = item.0, "item queued");
        if let Err(refused) = self.queue.enqueue(self.now(), item, options) {
            tracing::info!(item = item.0, ?refused, "item refused");
            self.emit(Event::Refused(item, refused));
        }
    }

    pub(super) fn abort(&mut self, item: ItemId) {
        self.queue.abort(self.now(), item);
    }

    pub(super) fn reject(&mut self, item: ItemId) {
        self.queue.reject(self.now(), item);
    }

    pub(super) fn finished(&mut self, attempt: AttemptId, verdict: Verdict) {
        self.queue.finished(self.now(), attempt, verdict);
    }

    pub(super) fn set_handler(&mut self, present: bool) {
        self.queue.set_handler(self.now(), present);
    }

    /// Workers that are launched from now on are this engine's.
    pub(super) fn use_engine(&mut self, engine: Arc<dyn Engine>) {
        self.engine = engine;
    }

    /// A town that closes is not paused any more, or it would never be done.
    pub(super) fn pause(&mut self) {
        if self.closing.is_none() {
            tracing::info!("town paused");
            self.queue.pause(self.now());
        }
    }

    pub(super) fn resume(&mut self) {
        tracing::info!("town resumed");
        self.queue.resume(self.now());
    }

    /// The page of an attempt that runs.
    pub(super) fn page(&self, attempt: AttemptId) -> Option<Arc<AttemptPage>> {
        self.attempts.get(&attempt).map(|running| running.page.clone())
    }

    /// What follows from a step. Gives whether the stage's task has to hear of it.
    pub(super) fn settle(&mut self) -> bool {
        self.carry_out();
        self.close_if_drained();
        self.leave_if_empty();
        let ends = self.end_if_gone();
        let due = self.next_due();
        let sooner = due.is_some_and(|due| self.alarm.is_none_or(|alarm| due < alarm));
        if sooner {
            self.alarm = due;
        }
        sooner || ends
    }

    fn now(&self) -> Millis {
        millis_since(self.born)
    }

    fn emit(&self, event: Event) {
        (self.listener)(event);
    }

    fn answer(&self, call: u64, answer: Result<Reply>) {
        self.emit(Event::Answer(call, Box::new(answer)));
    }

    fn next_due(&self) -> Option<Millis> {
        let closing = self.closing.as_ref().filter(|closing| !closing.ending).and_then(|closing| closing.deadline);
        [self.queue.next_due(), self.fleet.next_due(), closing].into_iter().flatten().min()
    }

    pub(super) fn stats(&self) -> Stats {
        let workers = self.fleet.ids().filter_map(|id| self.worker_stats(id)).collect();
        Stats::new(self.queue.counts(), self.tally.clone(), workers)
    }
}

//! The town's actor. It takes one step at a time on its [`Stage`], so nothing here is locked; it decides nothing itself, and
//! only carries events into the queue and the fleet, and their effects and actions out.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Weak, atomic::Ordering, mpsc as sync_mpsc},
    time::{Duration, Instant},
};

use tokio::{sync::mpsc, time::sleep_until};
use tracing::Instrument;

use crate::{
    engine::{About, Engine, Page, Reply},
    error::{Code, Error, Result},
    queue::{AttemptId, Effect, ItemId, Loss, Millis, Outcome, Queue, ReleaseReason, SlotId, Verdict, WorkerId},
    supervisor::{
        Action, Fleet, Offer, Output, State, Workspace,
        worker::{Load, Order, Report, WorkerTask},
    },
};

use super::{
    AttemptPage, Event, Listener, Message, Options, Stats, WorkerStats, millis_since, stage::Stage, stats::Tally,
};

struct WorkerEntry {
    orders: mpsc::UnboundedSender<Order>,
    load: Arc<Load>,
    about: About,
    launched: Instant,
    /// Why it failed or died.
    failure: Option<Error>,
}

struct Running {
    item: ItemId,
    slot: SlotId,
    page: Arc<AttemptPage>,
    started: Millis,
    /// Its time is over one day.
    limited: bool,
}

/// How the town ends.
struct Closing {
    calls: Vec<u64>,
    abandoned: Vec<sync_mpsc::SyncSender<()>>,
    deadline: Option<Millis>,
    /// The workers have been told to end.
    ending: bool,
    /// Nothing is left of them.
    over: bool,
}

pub(super) struct Actor {
    queue: Queue,
    fleet: Fleet,
    options: Options,
    engine: Arc<dyn Engine>,
    output: bool,
    listener: Listener,
    stage: Weak<Stage>,
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
        stage: Weak<Stage>,
        born: Instant,
    ) -> Self {
        Self {
            queue: Queue::new(options.limits(), fastrand::u64(..)),
            fleet: Fleet::new(options.policy(), fastrand::u64(..)),
            options,
            engine,
            output,
            listener,
            stage,
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

    /// When to let it tick, unless something is rescheduled first. None when it is over.
    pub(super) fn agenda(&mut self) -> Option<Due> {
        self.alarm = self.next_due();
        (!self.is_over()).then_some(Due { born: self.born, at: self.alarm })
    }

    pub(super) fn tick(&mut self) {
        let now = self.now();
        self.queue.tick(now);
        self.fleet.tick(now);
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

    fn is_over(&self) -> bool {
        self.closing.as_ref().is_some_and(|closing| closing.over)
    }

    /// Answers those who wait for the end, the late ones too. Gives whether this is it.
    fn end_if_gone(&mut self) -> bool {
        let gone = self.is_gone();
        let Some(closing) = self.closing.as_mut().filter(|closing| closing.ending && gone) else { return false };
        let before = mem::replace(&mut closing.over, true);
        if !before {
            tracing::info!("town closed");
        }
        for waiting in closing.abandoned.drain(..) {
            // It may have stopped waiting.
            let _ = waiting.try_send(());
        }
        for call in mem::take(&mut closing.calls) {
            self.answer(call, Ok(Reply::NOTHING));
        }
        !before
    }

    /// Whether nothing is left of the workers.
    fn is_gone(&self) -> bool {
        self.fleet.is_empty() && self.workspace.is_none() && self.leaving == 0
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

    pub(super) fn handle(&mut self, message: Message) {
        let now = self.now();
        match message {
            Message::Enqueue(item, options) => {
                tracing::debug!(item = item.0, "item queued");
                if let Err(refused) = self.queue.enqueue(now, item, options) {
                    tracing::info!(item = item.0, ?refused, "item refused");
                    self.emit(Event::Refused(item, refused));
                }
            }
            Message::Abort(item) => self.queue.abort(now, item),
            Message::Reject(item) => self.queue.reject(now, item),
            Message::Finished(attempt, verdict) => self.queue.finished(now, attempt, verdict),
            Message::SetHandler(present) => self.queue.set_handler(now, present),
            Message::Engine(engine) => self.engine = engine,
            Message::Pause if self.closing.is_some() => {}
            Message::Pause => {
                tracing::info!("town paused");
                self.queue.pause(now);
            }
            Message::Resume => {
                tracing::info!("town resumed");
                self.queue.resume(now);
            }
            Message::Start if self.closing.is_none() => {
                if !self.fleet.is_running() {
                    tracing::info!(engine = self.engine.name(), "town started");
                }
                self.stopping = false;
                self.fleet.start(now);
            }
            Message::Stop if self.closing.is_none() => {
                tracing::info!("town stops");
                self.stopping = true;
                self.kill_all();
            }
            Message::Start | Message::Stop => {}
            Message::Resize(workers) => {
                tracing::info!(workers, "town resized");
                self.fleet.resize(now, workers);
            }
            Message::Ready(call) => self.ready_calls.push(call),
            Message::Close { call, drain, timeout } => self.close(now, call, drain, timeout),
            Message::Worker(id, report) => self.report(now, id, report),
            Message::Left => self.leaving -= 1,
            Message::Abandon(to) => {
                self.listener = Arc::new(|_| {});
                self.queue.close(now, false);
                self.queue.reject_all(now);
                self.kill_all();
                let closing = self.closing.get_or_insert_with(Closing::new);
                closing.abandoned.push(to);
                closing.ending = true;
            }
        }
    }

    fn kill_all(&mut self) {
        self.fleet.stop();
        // Also those that are being ended in an orderly way.
        for entry in self.workers.values() {
            let _ = entry.orders.send(Order::Kill);
        }
    }

    fn close(&mut self, now: Millis, call: u64, drain: bool, timeout: Option<Millis>) {
        tracing::info!(drain, ?timeout, "town closes");
        // A drain may be cut short by a later close; nothing is ever given more time.
        self.queue.close(now, drain);
        self.queue.resume(now);
        let deadline = timeout.map(|timeout| now.saturating_add(timeout));
        let closing = self.closing.get_or_insert_with(Closing::new);
        closing.calls.push(call);
        closing.deadline = closing.deadline.into_iter().chain(deadline).min();
    }

    /// Ends the workers when nothing is left to do, or time is up.
    fn close_if_drained(&mut self) {
        let now = self.now();
        let Some(closing) = self.closing.as_mut().filter(|closing| !closing.ending) else { return };
        let counts = self.queue.counts();
        let late = closing.deadline.is_some_and(|deadline| deadline <= now);
        // Without workers, or without a handler, nothing that waits will ever run.
        let stuck = counts.in_flight == 0 && !(self.fleet.is_running() && self.queue.has_handler());
        if counts.waiting + counts.in_flight == 0 || late || stuck {
            closing.ending = true;
            self.queue.reject_all(now);
            self.carry_out();
            self.fleet.close();
            self.carry_out();
        }
    }

    fn report(&mut self, now: Millis, id: WorkerId, report: Report) {
        match report {
            Report::Ready(about) => {
                if let Some(entry) = self.workers.get_mut(&id) {
                    entry.about = about;
                    self.tally.launching.observe(millis_since(entry.launched));
                }
                tracing::info!(worker = id.0, "worker ready");
                self.fleet.ready(now, id);
                if let Some(worker) = self.worker_stats(id) {
                    self.emit(Event::WorkerReady(Box::new(worker)));
                }
            }
            Report::Page(slot, page) => {
                self.page_made(now, slot, page);
                self.shorthanded &= !self.fleet.is_complete();
            }
            Report::PageEnded(slot, page) => {
                // An item that has the page hears of its end by its calls; it is of no use to the next.
                let with_it = |running: &&Running| running.slot == slot && running.page.is(&page);
                if let Some(running) = self.attempts.values().find(with_it) {
                    running.page.touch();
                    self.emit(Event::PageEnded(running.item));
                }
                let idle = self.pages.get(&slot).is_some_and(|idle| Arc::ptr_eq(idle, &page));
                if idle && let Some(entry) = self.workers.get(&id) {
                    tracing::info!(worker = id.0, slot = slot.index, "a page has ended before its item came");
                    let _ = entry.orders.send(Order::Replace(slot.index));
                    self.pages.remove(&slot);
                    self.queue.slot_gone(now, slot);
                    self.fleet.unused(id);
                }
            }
            Report::Memory(bytes) => self.fleet.memory(now, id, bytes),
            Report::Down(error, loss) => {
                if self.fleet.down(now, id, &error) {
                    self.tally.failed += 1;
                    tracing::warn!(worker = id.0, %error, "worker down");
                    self.last_crash = Some(Error::new(Code::BrowserGone, error.message.clone()));
                    self.lose(now, id, loss, &Error::gone(format!("worker {} died: {error}", id.0)));
                    if let Some(entry) = self.workers.get_mut(&id) {
                        entry.failure = Some(error);
                    }
                }
            }
            Report::Gone => {
                self.lose(now, id, Loss::Stopped, &Error::gone(format!("worker {} has ended", id.0)));
                tracing::info!(worker = id.0, "worker gone");
                let stats = self.worker_stats(id);
                let leaves = self.fleet.worker(id).and_then(|worker| worker.leaves);
                if let Some(entry) = self.workers.remove(&id) {
                    self.fleet.gone(now, id);
                    if let Some(stats) = stats {
                        let stats = Box::new(WorkerStats { state: "gone", ..stats });
                        self.emit(Event::WorkerExit(stats, leaves, entry.failure.map(Box::new)));
                    }
                }
            }
        }
    }

    fn page_made(&mut self, now: Millis, slot: SlotId, page: Arc<dyn Page>) {
        match self.fleet.offer(now, slot.worker) {
            Offer::Take => {
                self.pages.insert(slot, page);
                self.queue.slot_ready(now, slot);
            }
            Offer::Hold => {
                self.pages.insert(slot, page);
            }
            Offer::Refuse => self.queue.slot_cleared(now, slot),
        }
    }

    /// Takes back everything that a worker had: its pages, and the items that ran on it.
    fn lose(&mut self, now: Millis, id: WorkerId, loss: Loss, why: &Error) {
        self.pages.retain(|slot, _| slot.worker != id);
        let taken = self.attempts.extract_if(|_, running| running.slot.worker == id);
        self.ending.extend(taken.map(|(_, running)| (running.page, why.clone())));
        self.queue.worker_gone(now, id, loss);
    }

    /// Carries out what queue and supervisor ask for, until neither asks for more.
    fn carry_out(&mut self) {
        loop {
            let effects: Vec<Effect> = self.queue.effects().collect();
            let actions = self.fleet.actions();
            if effects.is_empty() && actions.is_empty() {
                break;
            }
            for effect in effects {
                self.effect(effect);
            }
            // What is taken back from one worker must not start on another that ends as well.
            for action in &actions {
                if let Action::Stop(id) | Action::Kill(id) = action {
                    self.withdraw(*id);
                }
            }
            for action in actions {
                self.act(action);
            }
            if self.fleet.launch_error().is_some() && self.queue.counts().waiting > 0 {
                let now = self.now();
                self.queue.reject_waiting(now);
            }
        }
        // After the events that say why, so that a handler whose call fails has heard of it.
        for (page, why) in mem::take(&mut self.ending) {
            page.end(why);
        }
        self.answer_ready();
    }

    fn effect(&mut self, effect: Effect) {
        let now = self.now();
        match effect {
            Effect::Start { item, attempt, number, slot, waited } => {
                let (Some(page), Some(entry)) = (self.pages.remove(&slot), self.workers.get(&slot.worker)) else {
                    tracing::error!(?slot, "an item was started on a slot without a page");
                    return self.queue.finished(now, attempt, Verdict::Failed);
                };
                let page = Arc::new(AttemptPage::new(page, entry.orders.clone()));
                let limited = self.queue.is_limited(attempt);
                entry.load.in_flight.fetch_add(1, Ordering::Relaxed);
                entry.load.unlimited.fetch_add(u32::from(!limited), Ordering::Relaxed);
                self.attempts.insert(attempt, Running { item, slot, page, started: now, limited });
                if number == 1 {
                    self.tally.waiting.observe(waited);
                }
                tracing::debug!(
                    item = item.0,
                    attempt = number,
                    worker = slot.worker.0,
                    slot = slot.index,
                    "item starts"
                );
                self.emit(Event::Start { item, attempt, number, slot });
                self.fleet.item_started(now, slot.worker);
            }
            Effect::Release { attempt, slot, reason } => {
                let Some(running) = self.attempts.remove(&attempt) else { return };
                let had = now.saturating_sub(running.started);
                self.tally.running.observe(had);
                // First closed, and then looked at.
                running.page.end(page_closed(reason));
                let unused = running.page.untouched();
                let lasts = self.fleet.worker(slot.worker).is_some_and(|worker| worker.state == State::Ready);
                if let Some(entry) = self.workers.get(&slot.worker) {
                    entry.load.unlimited.fetch_sub(u32::from(!running.limited), Ordering::Relaxed);
                    entry.load.in_flight.fetch_sub(1, Ordering::Relaxed);
                    if unused.is_none() {
                        let order = if lasts { Order::Renew } else { Order::Discard };
                        let cut_short = reason != ReleaseReason::Done;
                        let patience = cut_short.then(|| self.options.page_death.unwrap_or(had));
                        let _ = entry.orders.send(order(slot.index, patience.map(Duration::from_millis)));
                    }
                }
                self.fleet.item_ended(now, slot.worker, reason);
                if let Some(page) = unused.filter(|_| lasts) {
                    self.page_made(now, slot, page);
                }
            }
            Effect::TimedOut { item, .. } => {
                tracing::info!(item = item.0, "item's time is over");
                self.emit(Event::TimedOut(item));
            }
            Effect::Retry { item, reason, .. } => {
                tracing::info!(item = item.0, ?reason, "item waits again");
                self.emit(Event::Retry(item, reason));
            }
            Effect::Backlog { item } => self.emit(Event::Backlog(item)),
            Effect::Settled { item, outcome } => {
                if outcome == Outcome::Fulfilled {
                    tracing::debug!(item = item.0, "item fulfilled");
                } else {
                    tracing::info!(item = item.0, ?outcome, "item not fulfilled");
                }
                let reason = match outcome {
                    Outcome::Unserved => self.fleet.launch_error().cloned(),
                    // It follows from that crash at once.
                    Outcome::Crashed { .. } => self.last_crash.clone(),
                    _ => None,
                };
                self.emit(Event::Settled(item, outcome, reason.map(Box::new)));
            }
            Effect::Idle => self.emit(Event::Idle),
        }
    }

    fn act(&mut self, action: Action) {
        let now = self.now();
        match action {
            Action::Launch(id) => {
                tracing::info!(worker = id.0, "worker starting");
                self.launch(id);
            }
            Action::Promote(id) => {
                tracing::info!(worker = id.0, "worker takes over from the one before");
                let held: Vec<SlotId> = self.pages.keys().filter(|slot| slot.worker == id).copied().collect();
                for slot in held {
                    if self.fleet.offer(now, id) == Offer::Take {
                        self.queue.slot_ready(now, slot);
                    } else {
                        self.pages.remove(&slot);
                    }
                }
            }
            Action::Drain(id) => {
                tracing::info!(worker = id.0, "worker draining");
                self.withdraw(id);
            }
            Action::Stop(id) => {
                tracing::info!(worker = id.0, "worker stopping");
                self.end(now, id, Order::Stop);
            }
            Action::Kill(id) => {
                tracing::info!(worker = id.0, "worker stopping, by force");
                self.end(now, id, Order::Kill);
            }
            Action::GiveUp(error) => {
                tracing::error!(%error, "no browser can be started");
                self.refuse_ready(&error);
                self.queue.reject_waiting(now);
            }
            Action::Shorthanded(error) => {
                tracing::warn!(%error, "not every browser can be started");
                self.refuse_ready(&error);
                // Once, until all are up again.
                if !mem::replace(&mut self.shorthanded, true) {
                    let error = error.during("not every browser can be started, and the others go on");
                    self.emit(Event::Warning(Box::new(error)));
                }
            }
        }
    }

    /// Nothing more starts on it.
    fn withdraw(&mut self, id: WorkerId) {
        let slots = (0..self.options.page_count).map(|index| SlotId { worker: id, index });
        self.queue.slots_gone(self.now(), slots);
        self.pages.retain(|slot, _| slot.worker != id);
    }

    fn end(&mut self, now: Millis, id: WorkerId, order: Order) {
        self.lose(now, id, Loss::Stopped, &Error::new(Code::PageClosed, format!("worker {} was stopped", id.0)));
        if let Some(entry) = self.workers.get(&id) {
            let _ = entry.orders.send(order);
        }
    }

    fn launch(&mut self, id: WorkerId) {
        self.tally.launched += 1;
        let (orders, mailbox) = mpsc::unbounded_channel();
        let load = Arc::<Load>::default();
        let entry = WorkerEntry {
            orders,
            load: load.clone(),
            about: About::default(),
            launched: Instant::now(),
            failure: None,
        };
        self.workers.insert(id, entry);
        if let Some(worker) = self.worker_stats(id) {
            self.emit(Event::WorkerStart(Box::new(worker)));
        }
        let stage = self.stage.clone();
        let report: Arc<dyn Fn(Report) + Send + Sync> = Arc::new(move |report| {
            // A town that has ended needs no reports.
            if let Some(stage) = stage.upgrade() {
                stage.step(|actor| actor.handle(Message::Worker(id, report)));
            }
        });
        let output = self.output.then(|| {
            let listener = self.listener.clone();
            let output: Output =
                Arc::new(move |worker, stream, line: &str| listener(Event::Output(worker, stream, line.to_owned())));
            output
        });
        let task = WorkerTask {
            id,
            slots: self.options.page_count,
            engine: self.engine.clone(),
            workspace: self
                .workspace
                .get_or_insert_with(|| Arc::new(Workspace::under(self.options.temporary.clone())))
                .clone(),
            output,
            launch_timeout: self.options.launch_timeout(),
            grace: self.options.grace(),
            load,
            report: report.clone(),
        };
        let running = tokio::spawn(task.run(mailbox).in_current_span());
        tokio::spawn(async move {
            if let Err(panic) = running.await {
                // Its processes are the watchdog's now.
                report(Report::Down(Error::gone(format!("its task failed: {panic}")), Loss::Stopped));
                report(Report::Gone);
            }
        });
    }

    /// When the last worker is gone and none is to come, the workspace goes too; then it is told that the town has stopped.
    fn leave_if_empty(&mut self) {
        let ending = self.stopping || self.closing.as_ref().is_some_and(|closing| closing.ending);
        if ending
            && self.fleet.is_empty()
            && let Some(workspace) = self.workspace.take()
        {
            self.leaving += 1;
            let stage = self.stage.clone();
            tokio::spawn(async move {
                workspace.leave().await;
                // The actor waits for this, so it is there.
                if let Some(stage) = stage.upgrade() {
                    stage.step(|actor| actor.handle(Message::Left));
                }
            });
        }
        if self.stopping && self.is_gone() {
            self.stopping = false;
            self.emit(Event::Stopped);
        }
    }

    fn refuse_ready(&mut self, error: &Error) {
        for call in mem::take(&mut self.ready_calls) {
            self.answer(call, Err(error.clone()));
        }
    }

    fn answer_ready(&mut self) {
        if self.ready_calls.is_empty() {
            return;
        }
        let answer = match self.fleet.launch_error() {
            _ if self.is_over() => Err(closed()),
            Some(error) => Err(error.clone()),
            None if self.closing.is_some() => Err(closed()),
            None if !self.fleet.is_running() => {
                Err(Error::new(Code::BrowserGone, "the town is stopped; call start() first"))
            }
            None if self.fleet.is_complete() => Ok(()),
            None => return,
        };
        for call in mem::take(&mut self.ready_calls) {
            self.answer(call, answer.clone().map(|()| Reply::NOTHING));
        }
    }

    fn worker_stats(&self, id: WorkerId) -> Option<WorkerStats> {
        let (worker, entry) = (self.fleet.worker(id)?, self.workers.get(&id)?);
        Some(WorkerStats {
            id: id.0,
            pid: entry.about.pid,
            state: worker.state.as_str(),
            engine: self.engine.name(),
            browser: entry.about.version.clone(),
            items: worker.items,
            in_flight: worker.in_flight,
            memory: worker.memory,
            uptime: millis_since(entry.launched),
        })
    }

    pub(super) fn stats(&self) -> Stats {
        let workers = self.fleet.ids().filter_map(|id| self.worker_stats(id)).collect();
        Stats::new(self.queue.counts(), self.tally.clone(), workers)
    }
}

impl Closing {
    fn new() -> Self {
        Self { calls: Vec::new(), abandoned: Vec::new(), deadline: None, ending: false, over: false }
    }
}

fn closed() -> Error {
    Error::new(Code::TownClosed, "the town is closed")
}

/// The program has a name of its own for the item, which it finds on the error.
fn page_closed(reason: ReleaseReason) -> Error {
    let why = match reason {
        ReleaseReason::Done => "has ended; await every page method before the handler ends",
        ReleaseReason::TimedOut => "timed out",
        ReleaseReason::Aborted => "was aborted",
    };
    Error::new(Code::PageClosed, format!("the attempt that this page belongs to {why}"))
}

/// When something is due, if ever.
pub(super) struct Due {
    born: Instant,
    at: Option<Millis>,
}

impl Due {
    pub(super) async fn come(self) {
        match self.at.and_then(|at| self.born.checked_add(Duration::from_millis(at))) {
            // One more, for what is due within a millisecond must not be looked at too early.
            Some(at) => sleep_until((at + Duration::from_millis(1)).into()).await,
            None => std::future::pending().await,
        }
    }
}

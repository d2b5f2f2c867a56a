//! The town: one actor that owns the queue and the supervisor. Every event passes through its mailbox, so nothing here is
//! locked; it decides nothing itself, it only carries events in and effects out.

mod options;
mod page;
mod stats;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
        mpsc as sync_mpsc,
    },
    time::{Duration, Instant},
};

use tokio::{runtime::Handle, sync::mpsc, time::sleep_until};

use crate::{
    engine::{self, About, Engine, Page, Reply},
    error::{Code, Error, Result},
    queue::{
        AttemptId, Effect, ItemId, ItemOptions, Loss, Millis, Outcome, Queue, Refused, ReleaseReason, RetryReason,
        SlotId, Verdict, WorkerId,
    },
    supervisor::{
        Action, Offer, OutputStream, ProcessTree, Supervisor, TownFolder, Watchdog,
        worker::{Life, Order, Report},
    },
};

pub use options::{Delay, Options};
pub use page::AttemptPage;
pub use stats::{Stats, WorkerStats};

/// Something a program wants to hear of. Calls are named by numbers that the caller chose.
pub enum Event {
    /// Run the handler with this page.
    Start {
        /// Which item.
        item: ItemId,
        /// Which attempt.
        attempt: AttemptId,
        /// 1, 2, ...
        number: u32,
        /// Where.
        worker: WorkerId,
        /// Its page.
        page: Arc<AttemptPage>,
    },
    /// An attempt took too long.
    TimedOut(ItemId),
    /// The item waits again.
    Retry(ItemId, RetryReason),
    /// It was accepted but no slot is free.
    Backlog(ItemId),
    /// It was not accepted.
    Refused(ItemId, Refused),
    /// It has ended; with the reason where no browser could be started.
    Settled(ItemId, Outcome, Option<Error>),
    /// Nothing waits or runs any more.
    Idle,
    /// A worker is being launched.
    WorkerStart(WorkerId),
    /// A worker's browser is up.
    WorkerReady(WorkerId, About),
    /// A worker has failed or died, with the reason, or has been ended on purpose.
    WorkerExit(WorkerId, Option<Error>),
    /// A worker printed a line.
    Output(u32, OutputStream, String),
    /// Every worker was stopped, and its processes are gone.
    Stopped,
    /// The answer to a call.
    Answer(u64, Result<Reply>),
    /// The town has failed by a fault of its own; nothing more will come.
    Broken(String),
}

/// Gets the events, in order, on whatever thread they happen.
pub type Listener = Arc<dyn Fn(Event) + Send + Sync>;

/// What a town is told.
enum Message {
    Enqueue(ItemId, ItemOptions),
    Abort(ItemId),
    Finished(AttemptId, Verdict),
    SetHandler(bool),
    Pause,
    Resume,
    Start,
    Stop,
    Resize(u32),
    Ready(u64),
    Close {
        call: u64,
        drain: bool,
        timeout: Option<Millis>,
    },
    Stats(sync_mpsc::SyncSender<Stats>),
    Worker(WorkerId, Report),
    /// The environment is being torn down: end everything, tell nobody.
    Abandon(sync_mpsc::SyncSender<()>),
}

/// A handle on a running town.
pub struct Town {
    mailbox: mpsc::UnboundedSender<Message>,
    born: Instant,
}

impl Town {
    /// Starts the actor. Browsers are launched by [`Town::start`].
    pub fn new(runtime: &Handle, options: Options, output: bool, listener: Listener) -> Result<Self> {
        let engine = engine::choose(options.engine, options.browser.clone(), options.isolation)?;
        Ok(Self::with_engine(runtime, options, engine, output, listener))
    }

    /// The same with an engine of the caller's.
    pub fn with_engine(
        runtime: &Handle,
        options: Options,
        engine: Arc<dyn Engine>,
        output: bool,
        listener: Listener,
    ) -> Self {
        let (mailbox, messages) = mpsc::unbounded_channel();
        let born = Instant::now();
        let actor = Actor {
            queue: Queue::new(options.limits(), fastrand::u64(..)),
            supervisor: Supervisor::new(options.policy(), fastrand::u64(..)),
            options,
            engine,
            output,
            listener,
            mailbox: mailbox.clone(),
            born,
            grounds: None,
            workers: HashMap::new(),
            pages: HashMap::new(),
            attempts: HashMap::new(),
            ready_calls: Vec::new(),
            closing: None,
            stopping: false,
            handler: false,
        };
        let listener = actor.listener.clone();
        let life = runtime.spawn(actor.run(messages));
        runtime.spawn(async move {
            if let Err(panic) = life.await {
                listener(Event::Broken(panic.to_string()));
            }
        });
        Self { mailbox, born }
    }

    /// Queues an item; what becomes of it arrives as events.
    pub fn enqueue(&self, item: ItemId, options: ItemOptions) {
        self.tell(Message::Enqueue(item, options));
    }

    /// Ends an item wherever it is.
    pub fn abort(&self, item: ItemId) {
        self.tell(Message::Abort(item));
    }

    /// The handler has ended an attempt.
    pub fn finished(&self, attempt: AttemptId, verdict: Verdict) {
        self.tell(Message::Finished(attempt, verdict));
    }

    /// Whether there is somebody to run items.
    pub fn set_handler(&self, present: bool) {
        self.tell(Message::SetHandler(present));
    }

    /// Starts nothing any more; what runs goes on.
    pub fn pause(&self) {
        self.tell(Message::Pause);
    }

    /// Ends a pause.
    pub fn resume(&self) {
        self.tell(Message::Resume);
    }

    /// Launches the workers.
    pub fn start(&self) {
        self.tell(Message::Start);
    }

    /// Kills the workers; items go back to the queue.
    pub fn stop(&self) {
        self.tell(Message::Stop);
    }

    /// Changes the number of workers.
    pub fn resize(&self, workers: u32) {
        self.tell(Message::Resize(workers));
    }

    /// Answers when every worker is up, or none can be.
    pub fn ready(&self, call: u64) {
        self.tell(Message::Ready(call));
    }

    /// Ends the town, and answers when every process is gone. Without `drain` what waits is rejected. What still runs
    /// after the timeout is rejected too.
    pub fn close(&self, call: u64, drain: bool, timeout: Option<Millis>) {
        self.tell(Message::Close { call, drain, timeout });
    }

    /// The present moment, everything told so far included. None after the end.
    #[must_use]
    pub fn stats(&self) -> Option<Stats> {
        let (to, from) = sync_mpsc::sync_channel(1);
        self.tell(Message::Stats(to));
        from.recv().ok()
    }

    /// Ends everything without a word to anybody, and waits for that at most so long.
    pub fn abandon(&self, at_most: Duration) {
        let (to, from) = sync_mpsc::sync_channel(1);
        self.tell(Message::Abandon(to));
        // Whatever is left then is the watchdog's.
        let _ = from.recv_timeout(at_most);
    }

    /// Milliseconds since the town began, which deadlines are counted in.
    #[must_use]
    pub fn now(&self) -> Millis {
        millis_since(self.born)
    }

    /// A town that has ended hears nothing, and nobody waits for it to.
    fn tell(&self, message: Message) {
        let _ = self.mailbox.send(message);
    }
}

fn millis_since(start: Instant) -> Millis {
    Millis::try_from(start.elapsed().as_millis()).unwrap_or(Millis::MAX)
}

/// What workers need of the machine; made with the first worker and removed with the last.
struct Grounds {
    folder: TownFolder,
    watchdog: Arc<Watchdog>,
}

struct WorkerEntry {
    orders: mpsc::UnboundedSender<Order>,
    in_flight: Arc<AtomicU32>,
    about: About,
    launched: Instant,
}

struct Running {
    item: ItemId,
    slot: SlotId,
    page: Arc<AttemptPage>,
}

/// How the town ends.
struct Closing {
    calls: Vec<u64>,
    abandoned: Vec<sync_mpsc::SyncSender<()>>,
    deadline: Option<Millis>,
    /// The workers have been told to end.
    ending: bool,
}

struct Actor {
    queue: Queue,
    supervisor: Supervisor,
    options: Options,
    engine: Arc<dyn Engine>,
    output: bool,
    listener: Listener,
    mailbox: mpsc::UnboundedSender<Message>,
    born: Instant,
    grounds: Option<Grounds>,
    workers: HashMap<WorkerId, WorkerEntry>,
    /// Pages that wait for an item, or for their worker's duty to begin.
    pages: HashMap<SlotId, Arc<dyn Page>>,
    attempts: HashMap<AttemptId, Running>,
    ready_calls: Vec<u64>,
    closing: Option<Closing>,
    stopping: bool,
    handler: bool,
}

impl Actor {
    async fn run(mut self, mut messages: mpsc::UnboundedReceiver<Message>) {
        while !self.is_over() {
            let due = self.next_due();
            tokio::select! {
                message = messages.recv() => match message {
                    Some(message) => self.handle(message),
                    None => return,
                },
                () = sleep_until_due(self.born, due) => {
                    let now = self.now();
                    self.queue.tick(now);
                    self.supervisor.tick(now);
                }
            }
            while let Ok(message) = messages.try_recv() {
                self.handle(message);
            }
            self.carry_out();
            self.close_if_drained();
            self.tell_of_stop().await;
        }
        self.leave_grounds().await;
        if let Some(closing) = self.closing.take() {
            for call in closing.calls {
                self.emit(Event::Answer(call, Ok(Reply::NOTHING)));
            }
            for waiting in closing.abandoned {
                // It may have stopped waiting.
                let _ = waiting.try_send(());
            }
        }
        // Late calls are answered until the last handle is dropped; this one must not keep it waiting for itself.
        self.mailbox = mpsc::unbounded_channel().0;
        while let Some(message) = messages.recv().await {
            match message {
                Message::Close { call, .. } => self.emit(Event::Answer(call, Ok(Reply::NOTHING))),
                Message::Ready(call) => self.emit(Event::Answer(call, Err(closed()))),
                Message::Enqueue(item, _) => self.emit(Event::Refused(item, Refused::Closed)),
                Message::Stats(to) => self.answer_stats(&to),
                Message::Abandon(to) => drop(to.try_send(())),
                _ => {}
            }
        }
    }

    fn is_over(&self) -> bool {
        self.closing.as_ref().is_some_and(|closing| closing.ending) && self.supervisor.is_empty()
    }

    fn now(&self) -> Millis {
        millis_since(self.born)
    }

    fn emit(&self, event: Event) {
        (self.listener)(event);
    }

    fn next_due(&self) -> Option<Millis> {
        let closing = self.closing.as_ref().filter(|closing| !closing.ending).and_then(|closing| closing.deadline);
        [self.queue.next_due(), self.supervisor.next_due(), closing].into_iter().flatten().min()
    }

    fn handle(&mut self, message: Message) {
        let now = self.now();
        match message {
            Message::Enqueue(item, options) => {
                if let Err(refused) = self.queue.enqueue(now, item, options) {
                    self.emit(Event::Refused(item, refused));
                }
            }
            Message::Abort(item) => self.queue.abort(now, item),
            Message::Finished(attempt, verdict) => self.queue.finished(now, attempt, verdict),
            Message::SetHandler(present) => {
                self.handler = present;
                self.queue.set_handler(now, present);
            }
            Message::Pause => self.queue.pause(now),
            Message::Resume => self.queue.resume(now),
            Message::Start if self.closing.is_none() => {
                self.stopping = false;
                self.supervisor.start(now);
            }
            Message::Stop if self.closing.is_none() => {
                self.stopping = true;
                self.supervisor.stop();
                // Also those that are being ended in an orderly way.
                for entry in self.workers.values() {
                    let _ = entry.orders.send(Order::Kill);
                }
            }
            Message::Start | Message::Stop => {}
            Message::Resize(workers) => self.supervisor.resize(now, workers),
            Message::Ready(call) => self.ready_calls.push(call),
            Message::Close { call, drain, timeout } => self.close(now, call, drain, timeout),
            Message::Stats(to) => {
                self.carry_out();
                self.answer_stats(&to);
            }
            Message::Worker(id, report) => self.report(now, id, report),
            Message::Abandon(to) => {
                self.listener = Arc::new(|_| {});
                self.queue.close(now, false);
                self.queue.reject_all(now);
                self.supervisor.stop();
                let closing = self.closing.get_or_insert_with(Closing::new);
                closing.abandoned.push(to);
                closing.ending = true;
            }
        }
        self.carry_out();
    }

    fn close(&mut self, now: Millis, call: u64, drain: bool, timeout: Option<Millis>) {
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
        let stuck = counts.in_flight == 0 && !(self.supervisor.is_running() && self.handler);
        if counts.waiting + counts.in_flight == 0 || late || stuck {
            closing.ending = true;
            self.queue.reject_all(now);
            self.carry_out();
            self.supervisor.close();
            self.carry_out();
        }
    }

    fn report(&mut self, now: Millis, id: WorkerId, report: Report) {
        match report {
            Report::Ready(about) => {
                if let Some(entry) = self.workers.get_mut(&id) {
                    entry.about = about.clone();
                }
                self.emit(Event::WorkerReady(id, about));
                self.supervisor.ready(now, id);
            }
            Report::Page(slot, page) => match self.supervisor.offer(now, id) {
                Offer::Take => {
                    self.pages.insert(slot, page);
                    self.queue.slot_ready(now, slot);
                }
                Offer::Hold => {
                    self.pages.insert(slot, page);
                }
                Offer::Refuse => {}
            },
            Report::Memory(bytes) => self.supervisor.memory(now, id, bytes),
            Report::Down(error, loss) => {
                if self.supervisor.down(now, id, &error) {
                    tracing::warn!(worker = id.0, %error, "worker down");
                    self.lose(now, id, loss, &Error::gone(format!("worker {} died: {error}", id.0)));
                    self.emit(Event::WorkerExit(id, Some(error)));
                }
            }
            Report::Gone => {
                self.lose(now, id, Loss::Stopped, &Error::gone(format!("worker {} has ended", id.0)));
                if self.workers.remove(&id).is_some() {
                    self.supervisor.gone(now, id);
                }
            }
        }
    }

    /// Takes back everything that a worker had: its pages, and the items that ran on it.
    fn lose(&mut self, now: Millis, id: WorkerId, loss: Loss, why: &Error) {
        self.pages.retain(|slot, _| slot.worker != id);
        self.attempts.retain(|_, running| {
            let stays = running.slot.worker != id;
            if !stays {
                running.page.end(why.clone());
            }
            stays
        });
        self.queue.worker_gone(now, id, loss);
    }

    /// Carries out what queue and supervisor ask for, until neither asks for more.
    fn carry_out(&mut self) {
        loop {
            let effects: Vec<Effect> = self.queue.effects().collect();
            let actions = self.supervisor.actions();
            if effects.is_empty() && actions.is_empty() {
                break;
            }
            for effect in effects {
                self.effect(effect);
            }
            for action in actions {
                self.act(action);
            }
            if self.supervisor.verdict().is_some() && self.queue.counts().waiting > 0 {
                let now = self.now();
                self.queue.reject_waiting(now);
            }
        }
        self.answer_ready();
    }

    fn effect(&mut self, effect: Effect) {
        let now = self.now();
        match effect {
            Effect::Start { item, attempt, number, slot } => {
                let (Some(page), Some(entry)) = (self.pages.remove(&slot), self.workers.get(&slot.worker)) else {
                    tracing::error!(?slot, "an item was started on a slot without a page");
                    return self.queue.finished(now, attempt, Verdict::Failed);
                };
                let page = Arc::new(AttemptPage::new(page, entry.orders.clone()));
                entry.in_flight.fetch_add(1, Ordering::Relaxed);
                self.attempts.insert(attempt, Running { item, slot, page: page.clone() });
                tracing::debug!(item = item.0, attempt = number, worker = slot.worker.0, slot = slot.index, "start");
                self.emit(Event::Start { item, attempt, number, worker: slot.worker, page });
                self.supervisor.item_started(now, slot.worker);
            }
            Effect::Release { attempt, slot, reason } => {
                if let Some(running) = self.attempts.remove(&attempt) {
                    running.page.end(page_closed(running.item, reason));
                }
                if let Some(entry) = self.workers.get(&slot.worker) {
                    entry.in_flight.fetch_sub(1, Ordering::Relaxed);
                    let _ = entry.orders.send(Order::Renew(slot.index));
                }
                self.supervisor.item_ended(slot.worker);
            }
            Effect::TimedOut { item, .. } => {
                tracing::info!(item = item.0, "attempt timed out");
                self.emit(Event::TimedOut(item));
            }
            Effect::Retry { item, reason, .. } => {
                tracing::info!(item = item.0, ?reason, "item waits again");
                self.emit(Event::Retry(item, reason));
            }
            Effect::Backlog { item } => self.emit(Event::Backlog(item)),
            Effect::Settled { item, outcome } => {
                tracing::debug!(item = item.0, ?outcome, "settled");
                let reason = match outcome {
                    Outcome::Unserved => self.supervisor.verdict().cloned(),
                    _ => None,
                };
                self.emit(Event::Settled(item, outcome, reason));
            }
            Effect::Idle => self.emit(Event::Idle),
        }
    }

    fn act(&mut self, action: Action) {
        let now = self.now();
        match action {
            Action::Launch(id) => self.launch(id),
            Action::Promote(id) => {
                let held: Vec<SlotId> = self.pages.keys().filter(|slot| slot.worker == id).copied().collect();
                for slot in held {
                    if self.supervisor.offer(now, id) == Offer::Take {
                        self.queue.slot_ready(now, slot);
                    } else {
                        self.pages.remove(&slot);
                    }
                }
            }
            Action::Drain(id) => {
                let slots = (0..self.options.page_count).map(|index| SlotId { worker: id, index });
                self.queue.slots_gone(now, slots);
                self.pages.retain(|slot, _| slot.worker != id);
            }
            Action::Stop(id) => self.end(now, id, Order::Stop),
            Action::Kill(id) => self.end(now, id, Order::Kill),
            Action::GiveUp(error) => {
                tracing::error!(%error, "no browser can be started");
                for call in std::mem::take(&mut self.ready_calls) {
                    self.emit(Event::Answer(call, Err(error.clone())));
                }
                self.queue.reject_waiting(now);
            }
        }
    }

    fn end(&mut self, now: Millis, id: WorkerId, order: Order) {
        self.lose(now, id, Loss::Stopped, &Error::new(Code::PageClosed, format!("worker {} was stopped", id.0)));
        if let Some(entry) = self.workers.get(&id) {
            let _ = entry.orders.send(order);
        }
        self.emit(Event::WorkerExit(id, None));
    }

    fn launch(&mut self, id: WorkerId) {
        self.emit(Event::WorkerStart(id));
        let (orders, mailbox) = mpsc::unbounded_channel();
        let in_flight = Arc::new(AtomicU32::new(0));
        let entry =
            WorkerEntry { orders, in_flight: in_flight.clone(), about: About::default(), launched: Instant::now() };
        self.workers.insert(id, entry);
        let town = self.mailbox.clone();
        let report = move |report| {
            // A town that has ended needs no reports.
            let _ = town.send(Message::Worker(id, report));
        };
        let tree = match self.tree(id) {
            Ok(tree) => tree,
            Err(error) => {
                let what =
                    format!("no private folder for worker {} under {}: {error}", id.0, std::env::temp_dir().display());
                report(Report::Down(Error::new(Code::BrowserLaunch, what), Loss::Stopped));
                return report(Report::Gone);
            }
        };
        let life = Life {
            id,
            slots: self.options.page_count,
            engine: self.engine.clone(),
            tree,
            launch_timeout: self.options.launch_timeout(),
            grace: self.options.grace(),
            in_flight,
            report: Arc::new(report),
        };
        tokio::spawn(life.run(mailbox));
    }

    fn tree(&mut self, id: WorkerId) -> std::io::Result<Arc<ProcessTree>> {
        let grounds = match &mut self.grounds {
            Some(grounds) => grounds,
            empty => {
                let folder = TownFolder::create()?;
                let watchdog = Arc::new(Watchdog::start(folder.path(), folder.name())?);
                empty.insert(Grounds { folder, watchdog })
            }
        };
        let folder = grounds.folder.worker(id.0)?;
        let output = self.output.then(|| {
            let listener = self.listener.clone();
            let output: crate::supervisor::Output =
                Arc::new(move |worker, stream, line: &str| listener(Event::Output(worker, stream, line.to_owned())));
            output
        });
        Ok(ProcessTree::new(folder, grounds.folder.name().to_owned(), id.0, grounds.watchdog.clone(), output))
    }

    async fn leave_grounds(&mut self) {
        if let Some(grounds) = self.grounds.take() {
            // The watchdog removes the folder.
            grounds.watchdog.end().await;
        }
    }

    async fn tell_of_stop(&mut self) {
        if self.stopping && self.supervisor.is_empty() {
            self.stopping = false;
            self.leave_grounds().await;
            self.emit(Event::Stopped);
        }
    }

    fn answer_ready(&mut self) {
        if self.ready_calls.is_empty() {
            return;
        }
        let answer = match self.supervisor.verdict() {
            Some(error) => Err(error.clone()),
            None if self.closing.is_some() => Err(closed()),
            None if !self.supervisor.is_running() => {
                Err(Error::new(Code::BrowserGone, "the town is stopped; call start() first"))
            }
            None if self.supervisor.is_complete() => Ok(()),
            None => return,
        };
        for call in std::mem::take(&mut self.ready_calls) {
            self.emit(Event::Answer(call, answer.clone().map(|()| Reply::NOTHING)));
        }
    }

    fn answer_stats(&self, to: &sync_mpsc::SyncSender<Stats>) {
        let workers = self.supervisor.workers().map(|(id, state, items, in_flight, memory)| {
            let entry = self.workers.get(&id);
            WorkerStats {
                id: id.0,
                pid: entry.and_then(|entry| entry.about.pid),
                state: state.as_str(),
                engine: self.engine.name(),
                browser: entry.map(|entry| entry.about.version.clone()).unwrap_or_default(),
                items,
                in_flight,
                memory,
                uptime: entry.map_or(0, |entry| millis_since(entry.launched)),
            }
        });
        // Whoever asked may have stopped waiting.
        let _ = to.try_send(Stats::new(self.queue.counts(), workers.collect()));
    }
}

impl Closing {
    fn new() -> Self {
        Self { calls: Vec::new(), abandoned: Vec::new(), deadline: None, ending: false }
    }
}

fn closed() -> Error {
    Error::new(Code::TownClosed, "the town is closed")
}

fn page_closed(item: ItemId, reason: ReleaseReason) -> Error {
    let why = match reason {
        ReleaseReason::Done => "has ended",
        ReleaseReason::TimedOut => "timed out",
        ReleaseReason::Aborted => "was aborted",
    };
    Error::new(Code::PageClosed, format!("the attempt of item {} that this page belongs to {why}", item.0))
}

async fn sleep_until_due(born: Instant, due: Option<Millis>) {
    match due.and_then(|due| born.checked_add(Duration::from_millis(due))) {
        // One more, for what is due within a millisecond must not be looked at too early.
        Some(at) => sleep_until((at + Duration::from_millis(1)).into()).await,
        None => std::future::pending().await,
    }
}

//! The workers: launched, ended and taken back as the fleet asks, and what they report.

use std::{mem, sync::Arc, time::Instant};

use tokio::sync::mpsc;
use tracing::Instrument;

use crate::{
    engine::{About, Page},
    error::{Code, Error},
    queue::{Loss, Millis, SlotId, WorkerId},
    supervisor::{
        Action, Load, Offer, Output, Vitals, Workspace,
        worker::{Order, Report, WorkerTask},
    },
};

use super::{
    super::{Event, WorkerStats, millis_since},
    Actor, Running,
};

/// What the actor knows of a worker besides what the fleet does.
pub(super) struct WorkerEntry {
    pub(super) orders: mpsc::UnboundedSender<Order>,
    pub(super) load: Arc<Load>,
    pub(super) vitals: Arc<Vitals>,
    about: About,
    launched: Instant,
    /// Why the worker failed or died.
    failure: Option<Error>,
}

impl Actor {
    pub(in crate::town) fn start(&mut self) {
        if self.closing.is_some() {
            return;
        }
        if !self.fleet.is_running() {
            tracing::info!(engine = self.engine.name(), "town started");
        }
        self.stopping = false;
        self.fleet.start(self.now());
    }

    pub(in crate::town) fn stop(&mut self) {
        if self.closing.is_none() {
            tracing::info!("town stops");
            self.stopping = true;
            self.kill_all();
        }
    }

    pub(in crate::town) fn resize(&mut self, workers: u32) {
        tracing::info!(workers, "town resized");
        self.fleet.resize(self.now(), workers);
    }

    /// A forked worker asks to be replaced.
    pub(in crate::town) fn spent(&mut self, worker: WorkerId) {
        self.fleet.spent(self.now(), worker);
    }

    pub(super) fn kill_all(&mut self) {
        self.fleet.stop();
        // Also those that are being ended in an orderly way.
        for entry in self.workers.values() {
            let _ = entry.orders.send(Order::Kill);
        }
    }

    fn report(&mut self, id: WorkerId, report: Report) {
        let now = self.now();
        match report {
            Report::Ready(about) => {
                let slots = about.slots;
                if let Some(entry) = self.workers.get_mut(&id) {
                    entry.about = about;
                    self.tally.launching.observe(millis_since(entry.launched));
                }
                tracing::info!(worker = id.0, "worker ready");
                self.fleet.ready(now, id, slots);
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
            Report::Answered(took) => {
                self.fleet.answered(now, id, Millis::try_from(took.as_millis()).unwrap_or(Millis::MAX));
            }
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
                debug_assert!(self.attempts.values().all(|running| running.slot.worker != id), "it was lost before");
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

    pub(super) fn page_made(&mut self, now: Millis, slot: SlotId, page: Arc<dyn Page>) {
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

    pub(super) fn act(&mut self, action: Action) {
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

    /// No more items start on the worker.
    pub(super) fn withdraw(&mut self, id: WorkerId) {
        self.queue.worker_drains(self.now(), id);
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
        let (load, vitals) = (Arc::<Load>::default(), Arc::<Vitals>::default());
        let entry = WorkerEntry {
            orders,
            load: load.clone(),
            vitals: vitals.clone(),
            about: About::default(),
            launched: Instant::now(),
            failure: None,
        };
        self.workers.insert(id, entry);
        if let Some(worker) = self.worker_stats(id) {
            self.emit(Event::WorkerStart(Box::new(worker)));
        }
        let post = self.post.clone();
        let report: Arc<dyn Fn(Report) + Send + Sync> =
            Arc::new(move |report| post(Box::new(move |actor| actor.report(id, report))));
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
            vitals,
            report: report.clone(),
        };
        let running = tokio::spawn(task.run(mailbox).in_current_span());
        tokio::spawn(async move {
            if let Err(panic) = running.await {
                // The worker's processes are the watchdog's now.
                report(Report::Down(Error::gone(format!("its task failed: {panic}")), Loss::Stopped));
                report(Report::Gone);
            }
        });
    }

    pub(super) fn worker_stats(&self, id: WorkerId) -> Option<WorkerStats> {
        let (worker, entry) = (self.fleet.worker(id)?, self.workers.get(&id)?);
        Some(WorkerStats {
            id: id.0,
            place: worker.place,
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
}

//! The workers as a whole, as a pure state machine: keeps the wanted number of browsers ready, replaces them by count, age,
//! memory and pace, restarts them with backoff, and tells when none can be started. Events come in with the time, [`Action`]s
//! come out.

mod growth;
mod restarts;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    error::Error,
    queue::{Millis, ReleaseReason, WorkerId},
};

use self::{growth::Growth, restarts::Restarts};

/// So many attempts that time out in a row, with none between that ends by itself, make a worker a suspect: a part of the
/// browser may hang that its answers to health checks do not come from, such as its GPU process.
const TIMEOUTS_BEFORE_SUSPICION: u32 = 3;
/// Items may also time out in a row because the machine is overloaded, which launches make worse; so suspects are replaced
/// one after the other.
const SUSPECTS_EVERY: Millis = 10_000;
/// A successor is launched when the rest of a worker's items would take less than this many launches.
const LEAD: f64 = 1.5;
/// So many times the warm browser's memory is a leak, if it is also so many bytes more.
const LEAK: (u64, u64) = (2, 512 << 20);
/// So many times what the warm browser took to answer is slow, if it is also so many milliseconds more. Answers to health checks
/// take the browser's main thread a few milliseconds, whatever its pages do.
const SLOWNESS: (u64, u64) = (4, 250);

/// Why a worker goes that has not failed, as programs read it.
mod why {
    pub const WORN: &str = "replaced: it has had workerDeath items";
    pub const AGED: &str = "replaced: its workerShift is over";
    pub const OUTGROWN: &str = "replaced: it has outgrown workerMemory";
    pub const GROWN: &str = "replaced: its memory has grown to more than twice what it was when warm";
    pub const SLOW: &str = "replaced: its answers take more than four times as long as when it was warm";
    pub const SUSPECT: &str = "replaced: items time out on it in a row";
    pub const SPENT: &str = "replaced: the workerDeath or workerShift of its own process is reached";
    pub const SURPLUS: &str = "not needed: the town was resized to fewer workers";
    pub const CLOSED: &str = "closed: the town is closed";
    pub const STOPPED: &str = "stopped: the town is stopped";
    pub const HOPELESS: &str = "given up: no browser can be started";
}

/// When workers are replaced, and how many there are.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Browsers kept alive.
    pub workers: u32,
    /// Pages at a time in each worker that does not report a number of its own.
    pub slots: u16,
    /// Items before a worker is replaced.
    pub death: Option<u64>,
    /// Age at which a worker is replaced.
    pub shift: Option<Millis>,
    /// Bytes at which a worker is replaced.
    pub memory: Option<u64>,
}

/// What the caller has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Start a worker.
    Launch(WorkerId),
    /// Offer the pages that a standby holds: the standby is on duty now.
    Promote(WorkerId),
    /// Take back what was offered of its slots; running attempts go on.
    Drain(WorkerId),
    /// End the worker in an orderly way; no item runs on it.
    Stop(WorkerId),
    /// End the worker at once.
    Kill(WorkerId),
    /// No worker can be started: reject what waits.
    GiveUp(Error),
    /// Some workers serve, and others cannot be started.
    Shorthanded(Error),
}

/// A worker's state, as `stats()` shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerState {
    /// The worker's browser is being launched.
    Starting,
    /// The worker may take items.
    Ready,
    /// The worker finishes the items that run on it, and takes no others.
    Draining,
    /// The worker's processes are being ended.
    Stopping,
}

impl WorkerState {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::Draining => "draining",
            Self::Stopping => "stopping",
        }
    }
}

/// What becomes of a page that a worker has prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// The queue may use it.
    Take,
    /// The worker is a standby: keep the page until [`Action::Promote`].
    Hold,
    /// The worker takes no more items.
    Refuse,
}

/// A worker's state and counts, for `stats()` and events.
#[derive(Clone, Copy, Debug)]
pub struct WorkerView {
    /// From 0 on, and no other's that takes items; a successor has that of the worker which it replaces.
    pub place: u32,
    /// Where the worker is in its life.
    pub state: WorkerState,
    /// Items started on the worker so far.
    pub items: u64,
    /// Items that run on the worker now.
    pub in_flight: u32,
    /// Bytes that the worker's processes held when last measured.
    pub memory: u64,
    /// Why the worker goes, or has gone, without having failed.
    pub leaves: Option<&'static str>,
}

#[derive(Debug)]
struct Worker {
    state: WorkerState,
    place: u32,
    /// The worker that this one is to relieve; it stands by until that one stops taking items.
    relieves: Option<WorkerId>,
    launched: Millis,
    ready: Millis,
    /// Pages at a time.
    slots: u16,
    /// How long items have run on the worker, one or more at once, and since when those of now do.
    busy: Millis,
    busy_since: Option<Millis>,
    /// Pages that the worker holds back as a standby.
    held: u16,
    /// Pages offered to the queue so far; each is used by at most one item.
    offered: u64,
    started: u64,
    in_flight: u32,
    memory: u64,
    growth: Growth,
    slowness: Growth,
    timeouts_in_a_row: u32,
    /// The worker has made a page: until then its launch counts as not done.
    proven: bool,
    /// Why the worker goes as soon as its successor is up: it has outlived its shift or outgrown its memory.
    expired: Option<&'static str>,
    /// Why the worker goes, or has gone, without having failed.
    leaves: Option<&'static str>,
}

/// See the [module](self).
pub struct Fleet {
    policy: Policy,
    workers: BTreeMap<WorkerId, Worker>,
    next_id: u32,
    running: bool,
    restarts: Restarts,
    /// A worker has made a page since the start.
    ever_served: bool,
    last_suspect: Option<Millis>,
    /// What the latest launch took, until there was a page.
    launch_time: Millis,
    /// Milliseconds that an item takes, by the latest that is known of any worker.
    time_per_item: Option<f64>,
    launch_error: Option<Error>,
    actions: Vec<Action>,
}

impl Fleet {
    /// A fleet that is not running. The seed is for the jitter of restarts.
    #[must_use]
    pub fn new(policy: Policy, seed: u64) -> Self {
        Self {
            policy,
            workers: BTreeMap::new(),
            next_id: 1,
            running: false,
            restarts: Restarts::new(seed),
            ever_served: false,
            last_suspect: None,
            launch_time: 0,
            time_per_item: None,
            launch_error: None,
            actions: Vec::new(),
        }
    }

    /// Launches workers, and forgets earlier failures.
    pub fn start(&mut self, now: Millis) {
        if self.running {
            return;
        }
        self.running = true;
        self.launch_error = None;
        self.restarts.forget();
        self.ever_served = false;
        self.fill(now);
    }

    /// Kills every worker.
    pub fn stop(&mut self) {
        self.end_all(why::STOPPED, Action::Kill);
    }

    /// Ends every worker in an orderly way; nothing runs any more.
    pub fn close(&mut self) {
        self.end_all(why::CLOSED, Action::Stop);
    }

    fn end_all(&mut self, why: &'static str, how: fn(WorkerId) -> Action) {
        self.running = false;
        for (&id, worker) in &mut self.workers {
            if worker.state != WorkerState::Stopping {
                worker.leaves.get_or_insert(why);
                worker.stop();
                self.actions.push(how(id));
            }
        }
    }

    /// Changes the number of workers.
    pub fn resize(&mut self, now: Millis, workers: u32) {
        self.policy.workers = workers;
        self.fill(now);
        while self.on_duty() > workers as usize {
            let least = self.workers.iter().filter(|(_, worker)| worker.counts()).min_by_key(|(id, worker)| {
                (worker.state == WorkerState::Ready, worker.in_flight, std::cmp::Reverse(**id))
            });
            let Some((&id, _)) = least else { break };
            self.retire(now, id, why::SURPLUS);
        }
    }

    /// A worker's browser is up, with room for so many pages at a time if that is not the policy's number.
    pub fn ready(&mut self, now: Millis, id: WorkerId, slots: Option<u16>) {
        let Some(worker) = self.workers.get_mut(&id).filter(|worker| worker.state == WorkerState::Starting) else {
            return;
        };
        worker.state = WorkerState::Ready;
        worker.ready = now;
        worker.slots = slots.unwrap_or(worker.slots);
        let relieves = worker.relieves;
        let still_serves = |old: WorkerId| self.workers.get(&old).is_some_and(|old| old.state == WorkerState::Ready);
        if relieves.is_some_and(|old| !still_serves(old)) {
            self.promote(id);
        }
    }

    /// A forked worker has used itself up, by its own count of items or time, and offers no more pages.
    pub fn spent(&mut self, now: Millis, id: WorkerId) {
        self.retire(now, id, why::SPENT);
    }

    /// A worker has prepared a page.
    pub fn offer(&mut self, now: Millis, id: WorkerId) -> Offer {
        let Some(worker) = self.workers.get_mut(&id) else { return Offer::Refuse };
        if worker.state != WorkerState::Ready {
            return Offer::Refuse;
        }
        let newly = !worker.proven;
        if newly {
            worker.proven = true;
            self.launch_time = now.saturating_sub(worker.launched);
            self.ever_served = true;
            self.restarts.launched();
            self.launch_error = None;
        }
        let relieves = worker.relieves;
        if newly {
            self.relieve_expired(now);
        }
        let Some(worker) = self.workers.get_mut(&id) else { return Offer::Refuse };
        if let Some(old) = relieves {
            worker.held += 1;
            let complete = worker.held >= worker.slots;
            // The caller holds this page before it hears of the promotion.
            let expired =
                self.workers.get(&old).filter(|old| old.state == WorkerState::Ready).and_then(|old| old.expired);
            if complete && let Some(why) = expired {
                self.retire(now, old, why);
            }
            return Offer::Hold;
        }
        if self.policy.death.is_some_and(|death| worker.offered >= death) {
            return Offer::Refuse;
        }
        worker.offered += 1;
        self.time_per_item = worker.time_per_item(now).or(self.time_per_item);
        if self.policy.death.is_some_and(|death| self.is_worn_out(id, death)) {
            self.relieve(now, id);
        } else if self.policy.death.is_some_and(|death| self.wears_out(id, death)) {
            self.relieve_in_turn(now, id);
        }
        Offer::Take
    }

    /// A page that the worker has prepared has ended before an item came; the worker will prepare another.
    pub fn unused(&mut self, id: WorkerId) {
        if let Some(worker) = self.workers.get_mut(&id) {
            if worker.relieves.is_some() {
                worker.held -= 1;
            } else {
                worker.offered -= 1;
            }
        }
    }

    /// An item has started on the worker.
    pub fn item_started(&mut self, now: Millis, id: WorkerId) {
        // An item that starts on a worker which has just been told to stop is taken back with that order.
        let Some(worker) = self.workers.get_mut(&id).filter(|worker| worker.state != WorkerState::Stopping) else {
            return;
        };
        worker.started += 1;
        worker.in_flight += 1;
        worker.busy_since.get_or_insert(now);
        if worker.state == WorkerState::Ready && self.policy.death.is_some_and(|death| worker.started >= death) {
            self.retire(now, id, why::WORN);
        }
    }

    /// An item's attempt has ended on the worker.
    pub fn item_ended(&mut self, now: Millis, id: WorkerId, reason: ReleaseReason) {
        // What ran on a worker that was told to stop counts no more.
        let Some(worker) = self.workers.get_mut(&id).filter(|worker| worker.state != WorkerState::Stopping) else {
            return;
        };
        worker.in_flight -= 1;
        if worker.in_flight == 0 {
            worker.busy += now.saturating_sub(worker.busy_since.take().unwrap_or(now));
        }
        match reason {
            ReleaseReason::TimedOut => worker.timeouts_in_a_row += 1,
            ReleaseReason::Done => worker.timeouts_in_a_row = 0,
            ReleaseReason::Aborted => {}
        }
        if worker.timeouts_in_a_row >= TIMEOUTS_BEFORE_SUSPICION {
            self.suspect(now, id, why::SUSPECT);
        }
        self.stop_if_drained(id);
    }

    /// How long the worker's browser has taken to answer a health check.
    pub fn answered(&mut self, now: Millis, id: WorkerId, took: Millis) {
        let Some(worker) = self.workers.get_mut(&id) else { return };
        if worker.slowness.measured(took, worker.started) {
            self.suspect(now, id, why::SLOW);
        }
    }

    /// How much memory the worker's processes hold.
    pub fn memory(&mut self, now: Millis, id: WorkerId, bytes: u64) {
        let Some(worker) = self.workers.get_mut(&id) else { return };
        worker.memory = bytes;
        let has_grown = worker.growth.measured(bytes, worker.started);
        if self.policy.memory.is_some_and(|limit| bytes > limit) {
            self.expire(now, id, why::OUTGROWN);
        } else if has_grown {
            self.expire(now, id, why::GROWN);
        }
    }

    /// The worker has failed to start, or has died, or was found dead; its processes are being removed. Returns whether that
    /// was unexpected.
    pub fn down(&mut self, now: Millis, id: WorkerId, error: &Error) -> bool {
        let Some(worker) = self.workers.get_mut(&id).filter(|worker| worker.state != WorkerState::Stopping) else {
            return false;
        };
        let launch_failed = !worker.proven;
        let launched = worker.launched;
        worker.stop();
        self.promote_relief_of(id);
        if launch_failed {
            self.restarts.launch_failed(now, launched);
        }
        self.restarts.down(now);
        let others_serve = self.workers.values().any(|worker| worker.state == WorkerState::Ready && worker.proven);
        // A worker that was launched before may yet serve; if not, its own report says so.
        let others_may = self.workers.values().any(|worker| worker.lives() && worker.launched < launched);
        let hopeless = launch_failed && (error.permanent || self.restarts.are_in_vain());
        if hopeless && others_serve {
            self.actions.push(Action::Shorthanded(error.clone()));
        } else if hopeless && (error.permanent || !others_may) {
            self.launch_error = Some(error.clone());
            self.actions.push(Action::GiveUp(error.clone()));
            if error.permanent && self.ever_served {
                // What was there before, such as a binary that is being replaced, may come back.
                self.restarts.put_off(now);
            } else if error.permanent {
                // Only a new start can help; what is still starting would fail the same way.
                self.end_all(why::HOPELESS, Action::Kill);
            }
        }
        true
    }

    /// All processes of the worker are gone.
    pub fn gone(&mut self, now: Millis, id: WorkerId) {
        self.workers.remove(&id);
        self.fill(now);
        self.relieve_expired(now);
    }

    /// Does what is due.
    pub fn tick(&mut self, now: Millis) {
        self.restarts.tick(now);
        self.fill(now);
        self.relieve_expired(now);
        if let Some(shift) = self.policy.shift {
            let old = self.workers.iter().filter(|(_, worker)| worker.on_shift() && now >= worker.ready + shift);
            let old: Vec<_> = old.map(|(id, _)| *id).collect();
            for id in old {
                self.expire(now, id, why::AGED);
            }
        }
    }

    /// When [`Fleet::tick`] wants to be called.
    #[must_use]
    pub fn next_due(&self) -> Option<Millis> {
        let shifts = self.policy.shift.into_iter().flat_map(|shift| {
            self.workers.values().filter(|worker| worker.on_shift()).map(move |worker| worker.ready + shift)
        });
        shifts.chain(self.restarts.due()).min()
    }

    /// What has to be done, in order.
    pub fn actions(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }

    /// Why no worker can be started, if so.
    #[must_use]
    pub fn launch_error(&self) -> Option<&Error> {
        self.launch_error.as_ref()
    }

    /// Whether every worker is up.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        // A worker that has made no page yet can run nothing.
        let up = self.workers.values().filter(|worker| worker.counts() && worker.proven);
        up.count() >= self.policy.workers as usize
    }

    /// Whether every process is gone.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.workers.is_empty()
    }

    /// Whether the fleet launches workers.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.running
    }

    /// The workers that are not gone, in the order of their launch.
    pub fn ids(&self) -> impl Iterator<Item = WorkerId> {
        self.workers.keys().copied()
    }

    #[must_use]
    pub fn worker(&self, id: WorkerId) -> Option<WorkerView> {
        self.workers.get(&id).map(|worker| WorkerView {
            place: worker.place,
            state: worker.state,
            items: worker.started,
            in_flight: worker.in_flight,
            memory: worker.memory,
            leaves: worker.leaves,
        })
    }

    fn on_duty(&self) -> usize {
        self.workers.values().filter(|worker| worker.counts()).count()
    }

    fn fill(&mut self, now: Millis) {
        if !self.running || self.restarts.due().is_some() {
            return;
        }
        while self.on_duty() < self.policy.workers as usize {
            self.launch(now, None);
        }
    }

    fn launch(&mut self, now: Millis, relieves: Option<WorkerId>) {
        let id = WorkerId(self.next_id);
        self.next_id += 1;
        let inherited = relieves.and_then(|old| self.workers.get(&old)).map(|old| old.place);
        let place = inherited.unwrap_or_else(|| self.free_place());
        let worker = Worker {
            state: WorkerState::Starting,
            place,
            relieves,
            launched: now,
            ready: now,
            slots: self.policy.slots,
            busy: 0,
            busy_since: None,
            held: 0,
            offered: 0,
            started: 0,
            in_flight: 0,
            memory: 0,
            growth: Growth::new(LEAK.0, LEAK.1),
            slowness: Growth::new(SLOWNESS.0, SLOWNESS.1),
            timeouts_in_a_row: 0,
            proven: false,
            expired: None,
            leaves: None,
        };
        self.workers.insert(id, worker);
        self.actions.push(Action::Launch(id));
    }

    /// The lowest that no worker has which takes items, or will.
    fn free_place(&self) -> u32 {
        let taken: BTreeSet<u32> =
            self.workers.values().filter(|worker| worker.lives()).map(|worker| worker.place).collect();
        // Among one more than are taken, one is free.
        (0..=self.policy.workers).find(|place| !taken.contains(place)).unwrap_or_default()
    }

    /// The worker's shift is over, its memory used up, or it is suspected to hang: it goes as soon as a successor has pages.
    fn expire(&mut self, now: Millis, id: WorkerId, why: &'static str) {
        let Some(worker) = self.workers.get_mut(&id).filter(|worker| worker.on_shift()) else { return };
        worker.expired = Some(why);
        tracing::info!(worker = id.0, why, "worker expired");
        match self.relief_of(id).and_then(|relief| self.workers.get(&relief)) {
            Some(relief) if relief.held >= relief.slots => self.retire(now, id, why),
            Some(_) => {}
            None => self.relieve_in_turn(now, id),
        }
    }

    /// The worker may hang, or is slow: it is replaced, unless another has just been.
    fn suspect(&mut self, now: Millis, id: WorkerId, why: &'static str) {
        let another_lately = self.last_suspect.is_some_and(|last| now < last + SUSPECTS_EVERY);
        if !another_lately && self.workers.get(&id).is_some_and(Worker::on_shift) {
            self.last_suspect = Some(now);
            self.expire(now, id, why);
        }
    }

    /// Whether a successor should be launched now to be ready when the last of `death` items has started, and those before it in
    /// turn have had theirs launched.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    fn wears_out(&self, id: WorkerId, death: u64) -> bool {
        let Some(worker) = self.workers.get(&id) else { return false };
        let left = death.saturating_sub(worker.offered);
        let within = |launches: usize| {
            let soon =
                |time_per_item: f64| left as f64 * time_per_item <= self.launch_time as f64 * LEAD * launches as f64;
            self.time_per_item.is_some_and(soon)
        };
        let before =
            |(other, one): &(&WorkerId, &Worker)| one.counts() && (one.offered, id) >= (worker.offered, **other);
        within(self.workers.len()) && within(self.workers.iter().filter(before).count())
    }

    /// Whether fewer items are left to the worker than it has slots.
    fn is_worn_out(&self, id: WorkerId, death: u64) -> bool {
        self.workers.get(&id).is_some_and(|worker| death.saturating_sub(worker.offered) < u64::from(worker.slots))
    }

    /// Launches the worker's successor, once.
    fn relieve(&mut self, now: Millis, id: WorkerId) {
        if self.running && self.restarts.due().is_none() && self.relief_of(id).is_none() {
            self.launch(now, Some(id));
        }
    }

    /// The same unless another successor is being launched, which takes processors from the workers that serve.
    fn relieve_in_turn(&mut self, now: Millis, id: WorkerId) {
        let starts = |worker: &Worker| worker.relieves.is_some() && worker.lives() && !worker.proven;
        if !self.workers.values().any(starts) {
            self.relieve(now, id);
        }
    }

    /// Launches the successor of the next worker that has expired and has none.
    fn relieve_expired(&mut self, now: Millis) {
        let is_unrelieved = |worker: &Worker| worker.expired.is_some() && worker.state == WorkerState::Ready;
        let mut unrelieved = self.workers.iter().filter(|(_, worker)| is_unrelieved(worker)).map(|(id, _)| *id);
        if let Some(id) = unrelieved.find(|&id| self.relief_of(id).is_none()) {
            self.relieve_in_turn(now, id);
        }
    }

    fn relief_of(&self, id: WorkerId) -> Option<WorkerId> {
        let stands_by = |worker: &Worker| worker.relieves == Some(id) && worker.state != WorkerState::Stopping;
        self.workers.iter().find(|(_, worker)| stands_by(worker)).map(|(relief, _)| *relief)
    }

    /// The worker takes no more items, and ends when its last one has.
    fn retire(&mut self, now: Millis, id: WorkerId, why: &'static str) {
        let Some(worker) = self.workers.get_mut(&id) else { return };
        match worker.state {
            WorkerState::Starting => {
                worker.stop();
                self.actions.push(Action::Kill(id));
            }
            WorkerState::Ready => {
                worker.state = WorkerState::Draining;
                self.actions.push(Action::Drain(id));
            }
            WorkerState::Draining | WorkerState::Stopping => return,
        }
        worker.leaves = Some(why);
        tracing::info!(worker = id.0, why, "worker leaves");
        self.promote_relief_of(id);
        self.fill(now);
        self.stop_if_drained(id);
    }

    fn stop_if_drained(&mut self, id: WorkerId) {
        let Some(worker) = self.workers.get_mut(&id) else { return };
        if worker.state == WorkerState::Draining && worker.in_flight == 0 {
            worker.stop();
            self.actions.push(Action::Stop(id));
        }
    }

    fn promote_relief_of(&mut self, id: WorkerId) {
        if let Some(relief) = self.relief_of(id) {
            self.promote(relief);
        }
    }

    fn promote(&mut self, id: WorkerId) {
        let Some(worker) = self.workers.get_mut(&id) else { return };
        worker.relieves = None;
        if worker.state == WorkerState::Ready {
            self.actions.push(Action::Promote(id));
        }
    }
}

impl Worker {
    /// Whether the worker is one of the wanted number: a standby is not yet, a draining one no more.
    fn counts(&self) -> bool {
        self.lives() && self.relieves.is_none()
    }

    /// Whether it may take items now or later.
    fn lives(&self) -> bool {
        matches!(self.state, WorkerState::Starting | WorkerState::Ready)
    }

    /// Whether the worker's age counts.
    fn on_shift(&self) -> bool {
        self.state == WorkerState::Ready && self.relieves.is_none() && self.expired.is_none()
    }

    /// No item runs on the worker any more, and none will.
    fn stop(&mut self) {
        self.state = WorkerState::Stopping;
        self.in_flight = 0;
    }

    /// What an item has taken on average; several may have run at once.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    fn time_per_item(&self, now: Millis) -> Option<f64> {
        let ended = self.started - u64::from(self.in_flight);
        let busy = self.busy + self.busy_since.map_or(0, |since| now.saturating_sub(since));
        (ended > 0).then(|| busy as f64 / ended as f64)
    }
}

//! Property tests of the queue: random interleavings of every input, checked against a naive model
//! after every step, and the memory that a waiting item costs.
//!
//! The model keeps all items in one flat list and finds everything by scanning it. It says which
//! effects every input must have; the laws then say in other words what must be true of the state
//! that the effects lead to.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::BTreeSet;

use boomtown::queue::{
    AttemptId, Counts, Effect, ItemId, ItemOptions, Limits, Loss, Millis, Outcome, Queue, Refused, ReleaseReason,
    RetryDelay, RetryReason, Setting, SlotId, Verdict, WorkerId,
};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Input {
    Enqueue(ItemOptions),
    /// Any item there ever was, or will be.
    Abort(u64),
    /// The n-th of the running attempts.
    Finish(usize, Verdict),
    /// Any attempt there ever was, or will be.
    FinishAny(u64, Verdict),
    SlotReady(usize, u16),
    AllReady,
    SlotGone(usize, u16),
    WorkerDrains(usize),
    SlotCleared(usize, u16),
    WorkerGone(usize, Loss),
    Handler(bool),
    Pause,
    Resume,
    Close(bool),
    RejectWaiting,
    RejectAll,
    Tick,
    /// Time passes up to what is due next.
    TickDue,
}

const WORKERS: usize = 3;

#[derive(Clone, Debug)]
struct Job {
    id: ItemId,
    options: ItemOptions,
    queued: Millis,
    rank: i64,
    number: u32,
    timeouts: u32,
    errors: u32,
    crashes: u32,
    suspect: bool,
    place: Place,
}

#[derive(Clone, PartialEq, Debug)]
enum Place {
    Waiting,
    Delayed(Millis),
    Running { attempt: AttemptId, slot: SlotId, end: Option<Millis>, alone: bool },
}

impl Job {
    fn exclusive(&self) -> bool {
        !self.options.acquired && (self.suspect || self.crashes > 0)
    }

    fn timeout(&self, limits: &Limits) -> Option<Millis> {
        match self.options.timeout {
            Setting::Own(own) => own,
            Setting::Town if self.options.acquired => None,
            Setting::Town => limits.timeout,
        }
    }

    fn due(&self) -> Option<Millis> {
        match self.place {
            Place::Waiting => self.options.deadline,
            Place::Delayed(until) => Some(self.options.deadline.map_or(until, |deadline| deadline.min(until))),
            Place::Running { end, .. } => end,
        }
    }

    fn slot(&self) -> Option<SlotId> {
        match self.place {
            Place::Running { slot, .. } => Some(slot),
            _ => None,
        }
    }

    fn attempt(&self) -> Option<AttemptId> {
        match self.place {
            Place::Running { attempt, .. } => Some(attempt),
            _ => None,
        }
    }
}

#[derive(PartialEq, Clone, Copy)]
enum Gate {
    Open,
    Draining,
    Closing,
}

struct Model {
    limits: Limits,
    random: fastrand::Rng,
    now: Millis,
    jobs: Vec<Job>,
    ready: BTreeSet<SlotId>,
    /// Those whose attempt has ended and whose page may still be there.
    releasing: BTreeSet<SlotId>,
    /// Every worker that has or had a slot, and whether it drains.
    workers: Vec<(WorkerId, bool)>,
    reserved: Option<WorkerId>,
    attempts: u64,
    front: i64,
    back: i64,
    paused: bool,
    handler: bool,
    gate: Gate,
    busy: bool,
    counts: Counts,
    effects: Vec<Effect>,
}

impl Model {
    fn new(limits: Limits, seed: u64) -> Self {
        Self {
            limits,
            random: fastrand::Rng::with_seed(seed),
            now: 0,
            jobs: Vec::new(),
            ready: BTreeSet::new(),
            releasing: BTreeSet::new(),
            workers: Vec::new(),
            reserved: None,
            attempts: 0,
            front: 0,
            back: 0,
            paused: false,
            handler: false,
            gate: Gate::Open,
            busy: false,
            counts: Counts::default(),
            effects: Vec::new(),
        }
    }

    fn waiting(&self) -> usize {
        self.jobs.iter().filter(|job| job.slot().is_none()).count()
    }

    fn running(&self) -> Vec<AttemptId> {
        let mut running: Vec<AttemptId> = self.jobs.iter().filter_map(Job::attempt).collect();
        running.sort();
        running
    }

    fn load(&self, worker: WorkerId) -> usize {
        self.jobs.iter().filter(|job| job.slot().is_some_and(|slot| slot.worker == worker)).count()
    }

    fn occupied_alone(&self, worker: WorkerId) -> bool {
        let alone = |place: &Place| match place {
            Place::Running { slot, alone, .. } => *alone && slot.worker == worker,
            _ => false,
        };
        self.jobs.iter().any(|job| alone(&job.place))
    }

    fn usable(&self) -> Option<SlotId> {
        let fit = |slot: &&SlotId| self.reserved != Some(slot.worker) && !self.occupied_alone(slot.worker);
        self.ready.iter().filter(fit).min_by_key(|slot| (self.load(slot.worker), **slot)).copied()
    }

    fn idle(&self) -> Option<SlotId> {
        self.ready.iter().find(|slot| self.load(slot.worker) == 0 && !self.is_releasing(slot.worker)).copied()
    }

    fn is_releasing(&self, worker: WorkerId) -> bool {
        self.releasing.iter().any(|slot| slot.worker == worker)
    }

    fn holds_acquired(&self, worker: WorkerId) -> bool {
        self.jobs.iter().any(|job| job.options.acquired && job.slot().is_some_and(|slot| slot.worker == worker))
    }

    fn may_start(&self, job: &Job) -> bool {
        job.place == Place::Waiting && !self.paused && (self.handler || job.options.acquired)
    }

    /// Those that may start, in the order in which they should.
    fn line(&self) -> Vec<ItemId> {
        let mut line: Vec<&Job> = self.jobs.iter().filter(|job| self.may_start(job)).collect();
        line.sort_by_key(|job| (-job.options.priority, job.rank));
        line.into_iter().map(|job| job.id).collect()
    }

    fn enqueue(&mut self, id: ItemId, options: ItemOptions) -> Result<(), Refused> {
        if options.aborted {
            self.counts.accepted += 1;
            self.counts.aborted += 1;
            return Err(Refused::Aborted);
        }
        if self.gate != Gate::Open {
            self.counts.refused += 1;
            return Err(Refused::Closed);
        }
        if self.waiting() >= self.limits.waiting {
            self.turn();
            let starts = !self.paused && (self.handler || options.acquired) && self.usable().is_some();
            if self.waiting() >= self.limits.waiting && !starts {
                self.counts.refused += 1;
                return Err(Refused::Full);
            }
        }
        self.counts.accepted += 1;
        self.front -= 1;
        self.back += 1;
        let rank = if options.asap { self.front } else { self.back };
        let place = Place::Waiting;
        self.jobs.push(Job {
            id,
            options,
            queued: self.now,
            rank,
            number: 0,
            timeouts: 0,
            errors: 0,
            crashes: 0,
            suspect: false,
            place,
        });
        self.busy = true;
        self.turn();
        if self.jobs.iter().any(|job| job.id == id && job.place == Place::Waiting) {
            self.effects.push(Effect::Backlog { item: id });
        }
        Ok(())
    }

    /// Takes a job off the list, and its attempt off its slot.
    fn take(&mut self, id: ItemId, reason: Option<ReleaseReason>) -> Option<Job> {
        let job = self.jobs.remove(self.jobs.iter().position(|job| job.id == id)?);
        if let (Place::Running { attempt, slot, .. }, Some(reason)) = (&job.place, reason) {
            self.effects.push(Effect::Release { attempt: *attempt, slot: *slot, reason });
            self.releasing.insert(*slot);
        }
        Some(job)
    }

    fn settle(&mut self, job: &Job, outcome: Outcome) {
        match outcome {
            Outcome::Fulfilled => self.counts.fulfilled += 1,
            Outcome::Aborted => self.counts.aborted += 1,
            _ => self.counts.rejected += 1,
        }
        self.effects.push(Effect::Settled { item: job.id, outcome });
    }

    fn cut_short(&mut self, outcome: Outcome, which: impl Fn(&Job) -> bool) {
        let mut ids: Vec<ItemId> = self.jobs.iter().filter(|job| which(job)).map(|job| job.id).collect();
        ids.sort();
        for id in ids {
            let job = self.take(id, Some(ReleaseReason::Aborted)).unwrap();
            self.settle(&job, outcome);
        }
    }

    /// `job` was taken while it ran.
    fn retry(&mut self, mut job: Job, reason: RetryReason) {
        let refused = if self.gate == Gate::Closing {
            Some(Outcome::Closed)
        } else if job.options.deadline.is_some_and(|deadline| deadline <= self.now) {
            Some(Outcome::Expired)
        } else {
            None
        };
        if let Some(outcome) = refused {
            let failed = reason == RetryReason::Error;
            return self.settle(&job, if failed { Outcome::Failed } else { outcome });
        }
        self.counts.retried += 1;
        self.effects.push(Effect::Retry { item: job.id, reason });
        let delay = match reason {
            RetryReason::Timeout | RetryReason::Error => {
                self.limits.retry_delay.before(job.timeouts + job.errors, &mut self.random)
            }
            RetryReason::Crash | RetryReason::Stopped => 0,
        };
        self.front -= 1;
        job.rank = self.front;
        job.place = if delay == 0 { Place::Waiting } else { Place::Delayed(self.now + delay) };
        self.jobs.push(job);
    }

    fn finish(&mut self, attempt: AttemptId, verdict: Verdict) {
        let Some(id) = self.jobs.iter().find(|job| job.attempt() == Some(attempt)).map(|job| job.id) else {
            return;
        };
        let mut job = self.take(id, Some(ReleaseReason::Done)).unwrap();
        job.suspect = false;
        if verdict == Verdict::Fulfilled {
            return self.settle(&job, Outcome::Fulfilled);
        }
        job.errors += 1;
        if job.options.acquired || job.errors > self.limits.error_retries {
            self.settle(&job, Outcome::Failed);
        } else {
            self.retry(job, RetryReason::Error);
        }
    }

    fn worker_gone(&mut self, worker: WorkerId, loss: Loss) {
        let on_it = |job: &&Job| job.slot().is_some_and(|slot| slot.worker == worker);
        let mut on_worker: Vec<(AttemptId, ItemId)> =
            self.jobs.iter().filter(on_it).map(|job| (job.attempt().unwrap(), job.id)).collect();
        on_worker.sort();
        for (_, id) in on_worker.iter().rev() {
            let mut job = self.take(*id, None).unwrap();
            if loss == Loss::Crashed {
                self.counts.crashed += 1;
            }
            if job.options.acquired {
                self.settle(&job, Outcome::Lost);
            } else if loss == Loss::Stopped {
                self.retry(job, RetryReason::Stopped);
            } else if on_worker.len() > 1 || self.is_releasing(worker) {
                job.suspect = true;
                self.retry(job, RetryReason::Crash);
            } else {
                job.crashes += 1;
                if job.crashes >= self.limits.crash_tries {
                    self.settle(&job, Outcome::Crashed { browsers: job.crashes });
                } else {
                    self.retry(job, RetryReason::Crash);
                }
            }
        }
        self.ready.retain(|slot| slot.worker != worker);
        self.releasing.retain(|slot| slot.worker != worker);
        self.workers.retain(|(id, _)| *id != worker);
    }

    fn set_draining(&mut self, worker: WorkerId, draining: bool) {
        match self.workers.iter_mut().find(|(id, _)| *id == worker) {
            Some(known) => known.1 = draining,
            None if !draining => self.workers.push((worker, false)),
            None => (),
        }
    }

    fn apply(&mut self, input: &Resolved) {
        match *input {
            Resolved::Abort(item) => self.cut_short(Outcome::Aborted, |job| job.id == item),
            Resolved::Finish(attempt, verdict) => {
                self.fire(|due, now| due < now);
                self.finish(attempt, verdict);
            }
            Resolved::SlotReady(slot) => {
                self.set_draining(slot.worker, false);
                self.releasing.remove(&slot);
                if !self.jobs.iter().any(|job| job.slot() == Some(slot)) {
                    self.ready.insert(slot);
                }
            }
            Resolved::SlotGone(slot) => drop(self.ready.remove(&slot)),
            Resolved::WorkerDrains(worker) => {
                self.set_draining(worker, true);
                self.ready.retain(|slot| slot.worker != worker);
            }
            Resolved::SlotCleared(slot) => drop(self.releasing.remove(&slot)),
            Resolved::WorkerGone(worker, loss) => self.worker_gone(worker, loss),
            Resolved::Handler(handler) => self.handler = handler,
            Resolved::Paused(paused) => self.paused = paused,
            Resolved::Close(true) if self.gate == Gate::Open => self.gate = Gate::Draining,
            Resolved::Close(true) | Resolved::Tick => (),
            Resolved::Close(false) => {
                self.gate = Gate::Closing;
                self.cut_short(Outcome::Closed, |job| job.slot().is_none());
            }
            Resolved::RejectWaiting => {
                self.cut_short(Outcome::Unserved, |job| job.slot().is_none());
            }
            Resolved::RejectAll => self.cut_short(Outcome::Closed, |_| true),
        }
        self.turn();
    }

    fn turn(&mut self) {
        self.fire(|due, now| due <= now);
        self.dispatch();
        if self.busy && self.jobs.is_empty() {
            self.effects.push(Effect::Idle);
        }
        self.busy = !self.jobs.is_empty();
    }

    fn fire(&mut self, is_due: fn(Millis, Millis) -> bool) {
        while let Some((_, id)) = self
            .jobs
            .iter()
            .filter_map(|job| Some((job.due()?, job.id)))
            .filter(|(due, _)| is_due(*due, self.now))
            .min()
        {
            let attempt = self.jobs.iter().find(|job| job.id == id).and_then(Job::attempt);
            if attempt.is_some() {
                self.counts.timed_out += 1;
                self.effects.push(Effect::TimedOut { item: id });
            }
            let mut job = self.take(id, Some(ReleaseReason::TimedOut)).unwrap();
            if attempt.is_some() {
                job.suspect = false;
                job.timeouts += 1;
                let retries = match job.options.tries {
                    Setting::Own(own) => own,
                    Setting::Town => self.limits.timeout_retries,
                };
                if job.options.acquired || retries.is_some_and(|retries| job.timeouts > retries) {
                    self.settle(&job, Outcome::TimedOut { attempts: job.number });
                } else {
                    self.retry(job, RetryReason::Timeout);
                }
            } else if job.options.deadline.is_some_and(|deadline| deadline <= self.now) {
                self.settle(&job, Outcome::Expired);
            } else {
                self.front -= 1;
                job.rank = self.front;
                job.place = Place::Waiting;
                self.jobs.push(job);
            }
        }
    }

    fn dispatch(&mut self) {
        let exclusive_waits = self.jobs.iter().any(|job| job.exclusive() && job.place == Place::Waiting);
        if !self.handler || !exclusive_waits {
            self.reserved = None;
        }
        let mut exclusive_is_blocked = false;
        while self.pass(&mut exclusive_is_blocked) {}
    }

    /// Goes through the line once, or up to where a reservation has changed what the others may
    /// use; then it answers true.
    fn pass(&mut self, exclusive_is_blocked: &mut bool) -> bool {
        let mut behind_a_blocked_item = false;
        for id in self.line() {
            let at = self.jobs.iter().position(|job| job.id == id).unwrap();
            let exclusive = self.jobs[at].exclusive();
            if exclusive && *exclusive_is_blocked {
                continue;
            }
            if let Some(slot) = if exclusive { self.idle() } else { self.usable() } {
                self.start(at, slot);
            } else if exclusive {
                *exclusive_is_blocked = true;
                if !behind_a_blocked_item || self.reserved.is_some() {
                    let distance = |(id, draining): &&(WorkerId, bool)| {
                        (*draining, self.load(*id), self.reserved != Some(*id), *id)
                    };
                    let workers = self.workers.iter().filter(|(id, _)| !self.holds_acquired(*id));
                    self.reserved = workers.min_by_key(distance).map(|(id, _)| *id);
                    return true;
                }
            } else {
                behind_a_blocked_item = true;
            }
        }
        false
    }

    fn start(&mut self, at: usize, slot: SlotId) {
        self.attempts += 1;
        let attempt = AttemptId(self.attempts);
        let alone = self.jobs[at].exclusive();
        let end = self.jobs[at].timeout(&self.limits).map(|timeout| self.now + timeout);
        self.jobs[at].number += 1;
        self.jobs[at].place = Place::Running { attempt, slot, end, alone };
        self.ready.remove(&slot);
        if alone {
            self.reserved = None;
        }
        let (item, number, waited) = (self.jobs[at].id, self.jobs[at].number, self.now - self.jobs[at].queued);
        self.effects.push(Effect::Start { item, attempt, number, slot, waited });
    }
}

/// An input with its random picks replaced by what they pick.
#[derive(Debug)]
enum Resolved {
    Abort(ItemId),
    Finish(AttemptId, Verdict),
    SlotReady(SlotId),
    SlotGone(SlotId),
    WorkerDrains(WorkerId),
    SlotCleared(SlotId),
    WorkerGone(WorkerId, Loss),
    Handler(bool),
    Paused(bool),
    Close(bool),
    RejectWaiting,
    RejectAll,
    Tick,
}

/// The queue and the model, driven side by side.
struct Pair {
    queue: Queue,
    model: Model,
    page_count: u16,
    now: Millis,
    items: u64,
    /// Of every item, in the order of their ids: whether it was accepted, and how often it has
    /// settled.
    ends: Vec<(bool, u32)>,
    workers: [u32; WORKERS],
    worker_ids: u32,
}

impl Pair {
    fn new(limits: Limits, page_count: u16, seed: u64) -> Self {
        Self {
            queue: Queue::new(limits, seed),
            model: Model::new(limits, seed),
            page_count,
            now: 0,
            items: 0,
            ends: Vec::new(),
            workers: [1, 2, 3],
            worker_ids: 3,
        }
    }

    fn slot(&self, worker: usize, index: u16) -> SlotId {
        SlotId { worker: WorkerId(self.workers[worker]), index: index % self.page_count }
    }

    fn step(&mut self, wait: Millis, input: &Input) {
        self.now += wait;
        match *input {
            Input::Enqueue(options) => self.enqueue(options),
            Input::Abort(item) => self.apply(&Resolved::Abort(ItemId(item % (self.items + 2)))),
            Input::Finish(nth, verdict) => {
                let running = self.model.running();
                if !running.is_empty() {
                    self.apply(&Resolved::Finish(running[nth % running.len()], verdict));
                }
            }
            Input::FinishAny(attempt, verdict) => {
                let attempt = AttemptId(attempt % (self.model.attempts + 2));
                self.apply(&Resolved::Finish(attempt, verdict));
            }
            Input::SlotReady(worker, index) => {
                self.apply(&Resolved::SlotReady(self.slot(worker, index)));
            }
            Input::AllReady => {
                for worker in 0..WORKERS {
                    (0..self.page_count).for_each(|index| {
                        self.apply(&Resolved::SlotReady(self.slot(worker, index)));
                    });
                }
            }
            Input::SlotGone(worker, index) => {
                self.apply(&Resolved::SlotGone(self.slot(worker, index)));
            }
            Input::WorkerDrains(worker) => {
                self.apply(&Resolved::WorkerDrains(WorkerId(self.workers[worker])));
            }
            Input::SlotCleared(worker, index) => {
                self.apply(&Resolved::SlotCleared(self.slot(worker, index)));
            }
            Input::WorkerGone(worker, loss) => {
                self.apply(&Resolved::WorkerGone(WorkerId(self.workers[worker]), loss));
                self.worker_ids += 1;
                self.workers[worker] = self.worker_ids;
            }
            Input::Handler(handler) => self.apply(&Resolved::Handler(handler)),
            Input::Pause => self.apply(&Resolved::Paused(true)),
            Input::Resume => self.apply(&Resolved::Paused(false)),
            Input::Close(drain) => self.apply(&Resolved::Close(drain)),
            Input::RejectWaiting => self.apply(&Resolved::RejectWaiting),
            Input::RejectAll => self.apply(&Resolved::RejectAll),
            Input::Tick => self.apply(&Resolved::Tick),
            Input::TickDue => {
                self.now = self.now.max(self.queue.next_due().unwrap_or(0));
                self.apply(&Resolved::Tick);
            }
        }
    }

    fn enqueue(&mut self, mut options: ItemOptions) {
        options.deadline = options.deadline.map(|wait| self.now + wait);
        let item = ItemId(self.items);
        self.items += 1;
        self.model.now = self.now;
        let answer = self.queue.enqueue(self.now, item, options);
        assert_eq!(answer, self.model.enqueue(item, options), "whether {item:?} is accepted");
        self.ends.push((answer.is_ok(), 0));
        self.check();
    }

    fn apply(&mut self, input: &Resolved) {
        let now = self.now;
        match *input {
            Resolved::Abort(item) => self.queue.abort(now, item),
            Resolved::Finish(attempt, verdict) => self.queue.finished(now, attempt, verdict),
            Resolved::SlotReady(slot) => self.queue.slot_ready(now, slot),
            Resolved::SlotGone(slot) => self.queue.slot_gone(now, slot),
            Resolved::WorkerDrains(worker) => self.queue.worker_drains(now, worker),
            Resolved::SlotCleared(slot) => self.queue.slot_cleared(now, slot),
            Resolved::WorkerGone(worker, loss) => self.queue.worker_gone(now, worker, loss),
            Resolved::Handler(handler) => self.queue.set_handler(now, handler),
            Resolved::Paused(true) => self.queue.pause(now),
            Resolved::Paused(false) => self.queue.resume(now),
            Resolved::Close(drain) => self.queue.close(now, drain),
            Resolved::RejectWaiting => self.queue.reject_waiting(now),
            Resolved::RejectAll => self.queue.reject_all(now),
            Resolved::Tick => self.queue.tick(now),
        }
        self.model.now = now;
        self.model.apply(input);
        self.check();
        assert!(self.queue.next_due().is_none_or(|due| due > self.now), "what is due has happened");
    }

    fn check(&mut self) {
        let effects: Vec<Effect> = self.queue.effects().collect();
        assert_eq!(effects, self.model.effects, "effects (left: queue, right: model)");
        self.model.effects.clear();
        for effect in effects {
            if let Effect::Settled { item, .. } = effect {
                self.ends[usize::try_from(item.0).unwrap()].1 += 1;
            }
        }
        self.laws();
    }

    /// What must be true whatever the model says.
    fn laws(&self) {
        let model = &self.model;
        let counts = self.queue.counts();
        let seen = (counts.waiting, counts.in_flight);
        assert_eq!(seen, (model.waiting() as u64, model.running().len() as u64), "waiting and in flight");
        assert_eq!(Counts { waiting: 0, in_flight: 0, ..counts }, model.counts, "counts");
        let ended = counts.fulfilled + counts.rejected + counts.aborted;
        assert_eq!(counts.accepted, counts.waiting + counts.in_flight + ended, "every accepted item is somewhere");

        for (id, (accepted, settled)) in self.ends.iter().enumerate() {
            let lives = model.jobs.iter().filter(|job| job.id.0 == id as u64).count();
            assert_eq!(
                settled + u32::try_from(lives).unwrap(),
                u32::from(*accepted),
                "item {id} lives or has settled once"
            );
        }

        assert_eq!(self.queue.next_due(), model.jobs.iter().filter_map(Job::due).min(), "next_due");

        let taken: BTreeSet<SlotId> = model.jobs.iter().filter_map(Job::slot).collect();
        assert_eq!(taken.len(), model.running().len(), "one attempt a slot");
        assert!(taken.is_disjoint(&model.ready), "a slot is ready or taken");
        assert!(
            taken.iter().all(|slot| self.workers.contains(&slot.worker.0)),
            "nothing runs on a worker that is gone"
        );

        for job in model.jobs.iter().filter(|job| job.exclusive()) {
            if let Some(slot) = job.slot() {
                assert_eq!(model.load(slot.worker), 1, "a suspect or culprit runs alone");
            }
        }
        self.no_slot_is_wasted();
    }

    fn no_slot_is_wasted(&self) {
        let model = &self.model;
        let startable = |exclusive| model.jobs.iter().any(|job| model.may_start(job) && job.exclusive() == exclusive);
        let open: BTreeSet<WorkerId> =
            model.ready.iter().map(|slot| slot.worker).filter(|worker| !model.occupied_alone(*worker)).collect();
        if startable(true) {
            let busy = |worker: WorkerId| model.load(worker) > 0 || model.is_releasing(worker);
            assert!(open.iter().all(|worker| busy(*worker)), "an idle worker takes what must run alone");
        }
        if startable(false) {
            let kept = model.reserved.filter(|_| startable(true));
            assert!(!kept.is_some_and(|kept| model.holds_acquired(kept)), "no worker is kept that may never be idle");
            assert!(open.iter().all(|worker| kept == Some(*worker)), "slots of {open:?} stay empty while items wait");
        }
    }

    /// With a handler, healthy workers and fair play everything ends.
    fn finish_everything(&mut self) {
        self.step(0, &Input::Handler(true));
        self.step(0, &Input::Resume);
        let mut rounds = 0;
        while !self.model.jobs.is_empty() {
            rounds += 1;
            assert!(rounds < 1000, "never ends: {:?}", self.model.jobs);
            self.step(0, &Input::AllReady);
            self.step(0, &Input::Finish(0, Verdict::Fulfilled));
            if self.model.running().is_empty() {
                self.step(0, &Input::TickDue);
            }
        }
        assert!(self.ends.iter().all(|(accepted, settled)| *settled == u32::from(*accepted)));
        assert_eq!(self.queue.next_due(), None, "no timer outlives its item");
    }
}

fn limits() -> impl Strategy<Value = Limits> {
    let waiting = prop_oneof![2 => Just(usize::MAX), 1 => 0..6_usize];
    let timeout = prop_oneof![1 => Just(None), 3 => (20..60_u64).prop_map(Some)];
    let timeout_retries = prop_oneof![1 => Just(None), 2 => (0..3_u32).prop_map(Some)];
    let retry_delay = prop_oneof![
        Just(RetryDelay { min: 0, max: 0 }),
        Just(RetryDelay { min: 15, max: 15 }),
        Just(RetryDelay { min: 5, max: 40 }),
    ];
    (waiting, timeout, timeout_retries, 0..3_u32, 1..4_u32, retry_delay).prop_map(
        |(waiting, timeout, timeout_retries, error_retries, crash_tries, retry_delay)| Limits {
            waiting,
            timeout,
            timeout_retries,
            error_retries,
            crash_tries,
            retry_delay,
        },
    )
}

fn options() -> impl Strategy<Value = ItemOptions> {
    let priority = prop_oneof![4 => Just(0), 1 => -1..=1];
    let timeout = prop_oneof![
        6 => Just(Setting::Town),
        1 => Just(Setting::Own(None)),
        1 => (1..50_u64).prop_map(|timeout| Setting::Own(Some(timeout))),
    ];
    let tries = prop_oneof![
        6 => Just(Setting::Town),
        1 => Just(Setting::Own(None)),
        1 => (0..2_u32).prop_map(|tries| Setting::Own(Some(tries))),
    ];
    let deadline = prop_oneof![6 => Just(None), 1 => (0..80_u64).prop_map(Some)];
    let rarely = || prop::bool::weighted(0.1);
    (priority, prop::bool::weighted(0.15), timeout, tries, deadline, rarely(), rarely()).prop_map(
        |(priority, asap, timeout, tries, deadline, acquired, aborted)| ItemOptions {
            priority,
            asap,
            timeout,
            tries,
            deadline,
            acquired,
            aborted,
        },
    )
}

fn input() -> impl Strategy<Value = (Millis, Input)> {
    let verdict = || prop_oneof![3 => Just(Verdict::Fulfilled), 2 => Just(Verdict::Failed)];
    let loss = || prop_oneof![3 => Just(Loss::Crashed), 1 => Just(Loss::Stopped)];
    let wait = prop_oneof![6 => Just(0), 3 => 1..12_u64, 1 => 12..100_u64];
    let input = prop_oneof![
        120 => options().prop_map(Input::Enqueue),
        15 => any::<u64>().prop_map(Input::Abort),
        60 => (any::<usize>(), verdict()).prop_map(|(nth, verdict)| Input::Finish(nth, verdict)),
        15 => (any::<u64>(), verdict()).prop_map(|(any, verdict)| Input::FinishAny(any, verdict)),
        90 => (0..WORKERS, 0..8_u16).prop_map(|(worker, index)| Input::SlotReady(worker, index)),
        10 => Just(Input::AllReady),
        10 => (0..WORKERS, 0..8_u16).prop_map(|(worker, index)| Input::SlotGone(worker, index)),
        5 => (0..WORKERS).prop_map(Input::WorkerDrains),
        20 => (0..WORKERS, 0..8_u16).prop_map(|(worker, index)| Input::SlotCleared(worker, index)),
        25 => (0..WORKERS, loss()).prop_map(|(worker, loss)| Input::WorkerGone(worker, loss)),
        3 => Just(Input::Handler(false)),
        9 => Just(Input::Handler(true)),
        3 => Just(Input::Pause),
        9 => Just(Input::Resume),
        1 => any::<bool>().prop_map(Input::Close),
        1 => Just(Input::RejectWaiting),
        1 => Just(Input::RejectAll),
        10 => Just(Input::Tick),
        20 => Just(Input::TickDue),
    ];
    (wait, input)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_interleaving_of_inputs_keeps_every_invariant(
        limits in limits(),
        page_count in 1..5_u16,
        seed in any::<u64>(),
        inputs in prop::collection::vec(input(), 1..160),
    ) {
        let mut pair = Pair::new(limits, page_count, seed);
        pair.step(0, &Input::Handler(true));
        for (wait, input) in &inputs {
            pair.step(*wait, input);
        }
        pair.finish_everything();
    }
}

/// Counts the bytes that each thread has allocated.
struct Counting;

thread_local! {
    static ALLOCATED: Cell<isize> = const { Cell::new(0) };
}

/// What the system's allocator needs for an allocation: the size, eight bytes of header, and
/// rounding up to sixteen.
fn footprint(size: usize) -> isize {
    isize::try_from((size + 8).next_multiple_of(16)).unwrap_or(isize::MAX)
}

// SAFETY: every call is passed on unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.set(ALLOCATED.get() + footprint(layout.size()));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATED.set(ALLOCATED.get() - footprint(layout.size()));
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const BACKLOG: u32 = 100_000;

fn bytes_per_waiting_item(options: ItemOptions) -> usize {
    let no_limits = Limits {
        waiting: usize::MAX,
        timeout: None,
        timeout_retries: None,
        error_retries: 0,
        crash_tries: 3,
        retry_delay: RetryDelay::default(),
    };
    let mut queue = Queue::new(no_limits, 0);
    let before = ALLOCATED.get();
    for item in 0..BACKLOG {
        queue.enqueue(0, ItemId(item.into()), options).expect("there is no limit");
        queue.effects().for_each(drop);
    }
    (ALLOCATED.get() - before).unsigned_abs() / BACKLOG as usize
}

#[test]
fn a_waiting_item_costs_at_most_200_bytes() {
    let bytes = bytes_per_waiting_item(ItemOptions::default());
    assert!(bytes <= 200, "{bytes} bytes");
}

#[test]
fn a_waiting_item_that_asks_for_everything_costs_at_most_200_bytes() {
    let own = Setting::Own(Some(1000));
    let options = ItemOptions {
        asap: true,
        timeout: own,
        deadline: Some(1000),
        tries: Setting::Own(Some(1)),
        ..ItemOptions::default()
    };
    let bytes = bytes_per_waiting_item(options);
    assert!(bytes <= 200, "{bytes} bytes");
}

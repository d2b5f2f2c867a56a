//! The queue: which item runs when, where, and how often.
//!
//! A pure state machine. It has no clock, no I/O and no threads: every method is an event that
//! happened at `now`, and what has to be done about it comes out as [`Effect`]s, in order, which
//! the caller drains and carries out. Seven invariants hold:
//!
//! 1. Every accepted item settles exactly once.
//! 2. Items start by priority, then first in first out; a retried item goes to the front of its
//!    priority.
//! 3. No ready slot stays empty while an item could start on it, except on the one worker that is
//!    kept for an item that must run alone.
//! 4. A result of an attempt that is over is ignored.
//! 5. An attempt that times out frees its slot.
//! 6. A worker's death costs an item no try, but an item that has taken down
//!    [`Limits::crash_tries`] workers is rejected. A worker that crashes under one attempt names
//!    the culprit; under several, all are suspects. Culprits and suspects run alone on a worker,
//!    and while none is idle for them the least busy one is kept free of new attempts.
//! 7. An event costs at most the logarithm of the number of items for each item that it starts,
//!    ends or moves, and a waiting item costs at most 200 bytes.

mod effect;
mod item;
mod limits;
mod slots;
#[cfg(test)]
mod tests;
mod turn;
mod waiting;

use std::collections::{BTreeMap, BTreeSet};

pub use effect::{
    AttemptId, Counts, Effect, ItemId, Loss, Millis, Outcome, Refused, ReleaseReason, RetryReason, SlotId, Verdict,
    WorkerId,
};
pub use limits::{ItemOptions, Limits, RetryDelay, Setting};

use item::{Item, NEVER, State};
use slots::Slots;
use waiting::Waiting;

/// See the [module](self).
pub struct Queue {
    limits: Limits,
    now: Millis,
    random: fastrand::Rng,
    intake: Intake,
    paused: bool,
    handler: bool,
    /// Boxed, for a tree keeps room for more entries than it has.
    items: BTreeMap<ItemId, Box<Item>>,
    waiting: Waiting,
    slots: Slots,
    timers: BTreeSet<(Millis, ItemId)>,
    counts: Counts,
    effects: Vec<Effect>,
    /// At the end of the last event an item was there: what `Idle` is the end of.
    busy: bool,
}

/// Closing only ever proceeds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Intake {
    Open,
    /// Nothing new is accepted.
    Draining,
    /// Nor is anything started again.
    Closing,
}

impl Queue {
    /// A queue without workers and without a handler. The seed is for the jitter of retry delays.
    #[must_use]
    pub fn new(limits: Limits, seed: u64) -> Self {
        Self {
            limits,
            now: 0,
            random: fastrand::Rng::with_seed(seed),
            intake: Intake::Open,
            paused: false,
            handler: false,
            items: BTreeMap::new(),
            waiting: Waiting::default(),
            slots: Slots::default(),
            timers: BTreeSet::new(),
            counts: Counts::default(),
            effects: Vec::new(),
            busy: false,
        }
    }

    /// Accepts an item, or says why not.
    ///
    /// # Errors
    /// [`Refused`]; the queue then knows nothing of the item.
    pub fn enqueue(&mut self, now: Millis, item: ItemId, options: ItemOptions) -> Result<(), Refused> {
        if options.aborted {
            self.counts.accepted += 1;
            self.counts.aborted += 1;
            return Err(Refused::Aborted);
        }
        self.admit(now, options).inspect_err(|_| self.counts.refused += 1)?;
        self.counts.accepted += 1;
        self.busy = true;
        self.event(now, |queue| {
            let rank = if options.asap { queue.waiting.front() } else { queue.waiting.back() };
            let accepted = Box::new(Item::new(now, &options, &queue.limits, rank));
            queue.put(item, accepted, State::Waiting { rank });
        });
        if self.items.get(&item).is_some_and(|item| matches!(item.state, State::Waiting { .. })) {
            self.effects.push(Effect::Backlog { item });
        }
        Ok(())
    }

    /// An item that can start at once never waits, so the limit does not concern it.
    fn admit(&mut self, now: Millis, options: ItemOptions) -> Result<(), Refused> {
        if self.intake != Intake::Open {
            return Err(Refused::Closed);
        }
        if self.waiting_count() < self.limits.waiting {
            return Ok(());
        }
        self.tick(now);
        let dispatching = !self.paused && (self.handler || options.acquired);
        let admissible = self.waiting_count() < self.limits.waiting || (dispatching && self.slots.shared().is_some());
        if admissible { Ok(()) } else { Err(Refused::Full) }
    }

    /// Ends an item as [`Outcome::Aborted`], wherever it is. Nothing happens if it is unknown or
    /// settled.
    pub fn abort(&mut self, now: Millis, item: ItemId) {
        self.event(now, |queue| queue.cut_short(item, Outcome::Aborted));
    }

    /// Ends an item as [`Outcome::Unsendable`]. Nothing happens if it is unknown or settled.
    pub fn reject(&mut self, now: Millis, item: ItemId) {
        self.event(now, |queue| queue.cut_short(item, Outcome::Unsendable));
    }

    /// The handler has ended an attempt. Nothing happens if the attempt is over already.
    pub fn finished(&mut self, now: Millis, attempt: AttemptId, verdict: Verdict) {
        self.event(now, |queue| queue.finish(attempt, verdict));
    }

    /// The slot has a brand-new page. Nothing happens if it is ready or taken already.
    pub fn slot_ready(&mut self, now: Millis, slot: SlotId) {
        self.event(now, |queue| queue.slots.ready(slot));
    }

    /// The page of a ready slot has ended before an item came; another may follow. An attempt that
    /// runs on the slot goes on.
    pub fn slot_gone(&mut self, now: Millis, slot: SlotId) {
        self.event(now, |queue| queue.slots.withdraw(slot));
    }

    /// The worker takes no more items: none of its slots is ready any more. Attempts that run on it
    /// go on.
    pub fn worker_drains(&mut self, now: Millis, worker: WorkerId) {
        self.event(now, |queue| queue.slots.withdraw_all(worker));
    }

    /// The page of the slot's last attempt is gone, and the worker gives it no other.
    pub fn slot_cleared(&mut self, now: Millis, slot: SlotId) {
        self.event(now, |queue| queue.slots.clear(slot));
    }

    /// The worker is gone with all its slots: after a crash, after being killed, and also after it
    /// drained in peace. Its in-flight items return to the front of their priority in the order in
    /// which they were started.
    pub fn worker_gone(&mut self, now: Millis, worker: WorkerId, loss: Loss) {
        self.event(now, |queue| queue.lose_worker(worker, loss));
    }

    /// Without a handler only acquired items are started.
    pub fn set_handler(&mut self, now: Millis, handler: bool) {
        self.event(now, |queue| queue.handler = handler);
    }

    /// Whether there is a handler.
    #[must_use]
    pub fn has_handler(&self) -> bool {
        self.handler
    }

    /// Nothing is started until [`Self::resume`]; what runs goes on.
    pub fn pause(&mut self, now: Millis) {
        self.event(now, |queue| queue.paused = true);
    }

    /// Ends a pause.
    pub fn resume(&mut self, now: Millis) {
        self.event(now, |queue| queue.paused = false);
    }

    /// Accepts nothing any more. With `drain` all else goes on; without, everything that waits ends
    /// as [`Outcome::Closed`], and so does what runs if it would have to be retried.
    pub fn close(&mut self, now: Millis, drain: bool) {
        let intake = if drain { Intake::Draining } else { Intake::Closing };
        self.event(now, |queue| {
            queue.intake = queue.intake.max(intake);
            if !drain {
                queue.cut_short_waiting(Outcome::Closed);
            }
        });
    }

    /// Ends everything that waits as [`Outcome::Unserved`]: no browser can be launched.
    pub fn reject_waiting(&mut self, now: Millis) {
        self.event(now, |queue| queue.cut_short_waiting(Outcome::Unserved));
    }

    /// Ends everything that waits or runs as [`Outcome::Closed`]: the time to close in peace is
    /// over.
    pub fn reject_all(&mut self, now: Millis) {
        self.event(now, |queue| {
            for item in queue.items.keys().copied().collect::<Vec<_>>() {
                queue.cut_short(item, Outcome::Closed);
            }
        });
    }

    /// Whether an attempt that runs is ever too long.
    #[must_use]
    pub fn is_limited(&self, attempt: AttemptId) -> bool {
        self.slots.due(attempt) != NEVER
    }

    /// Lets happen what is due: timeouts, ends of retry delays, deadlines.
    pub fn tick(&mut self, now: Millis) {
        self.event(now, |_| ());
    }

    /// When [`Self::tick`] wants to be called.
    #[must_use]
    pub fn next_due(&self) -> Option<Millis> {
        self.timers.first().map(|(due, _)| *due)
    }

    /// What has to be done, in order; each effect comes out once.
    pub fn effects(&mut self) -> impl Iterator<Item = Effect> {
        self.effects.drain(..)
    }

    /// The counts as of the last event.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts { waiting: self.waiting_count() as u64, in_flight: self.slots.in_flight() as u64, ..self.counts }
    }
}

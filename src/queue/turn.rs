//! What follows every event: what is due happens, what can start starts, and the end of the last item is told.

use super::item::{Item, NEVER, Next, State};
use super::slots::Attempt;
use super::waiting::{Lane, Open};
use super::{
    AttemptId, Effect, Intake, ItemId, Loss, Millis, Outcome, Queue, ReleaseReason, RetryReason, SlotId, Verdict,
    WorkerId,
};

impl Queue {
    /// The event comes before what is due at the same time: a result that arrives together with its
    /// timeout still counts.
    pub(super) fn event(&mut self, now: Millis, happen: impl FnOnce(&mut Self)) {
        self.now = self.now.max(now);
        happen(self);
        self.fire(|due, now| due <= now);
        self.dispatch();
        self.tell_of_idleness();
    }

    /// Ends an item before its time; a running attempt is aborted with it.
    pub(super) fn cut_short(&mut self, id: ItemId, outcome: Outcome) {
        let Some((_, attempt)) = self.take(id) else {
            return;
        };
        if let Some(attempt) = attempt {
            self.release(attempt, ReleaseReason::Aborted);
        }
        self.settle(id, outcome);
    }

    pub(super) fn cut_short_waiting(&mut self, outcome: Outcome) {
        let waits = |item: &Item| !matches!(item.state, State::Running(_));
        let waiting: Vec<ItemId> = self.items.iter().filter(|(_, item)| waits(item)).map(|(id, _)| *id).collect();
        for id in waiting {
            self.cut_short(id, outcome);
        }
    }

    pub(super) fn finish(&mut self, attempt: AttemptId, verdict: Verdict) {
        // However late its timeout is noticed, a result that is later does not count.
        self.fire(|due, now| due < now);
        let Some(id) = self.slots.item_of(attempt) else {
            return;
        };
        let Some((mut item, Some(attempt))) = self.take(id) else {
            return;
        };
        self.release(attempt, ReleaseReason::Done);
        let next = match verdict {
            Verdict::Fulfilled => Next::Settle(Outcome::Fulfilled),
            Verdict::Failed => item.failed(&self.limits),
        };
        self.proceed(id, item, next);
    }

    pub(super) fn lose_worker(&mut self, worker: WorkerId, loss: Loss) {
        let items = self.slots.items_on(worker);
        let alone = items.len() == 1 && !self.slots.is_releasing(worker);
        // Backwards, for each goes to the front of the one before.
        for id in items.into_iter().rev() {
            let Some((mut item, Some(_))) = self.take(id) else {
                continue;
            };
            self.counts.crashed += u64::from(loss == Loss::Crashed);
            let next = item.lost(loss, alone, &self.limits);
            self.proceed(id, item, next);
        }
        self.slots.forget_worker(worker);
    }

    fn fire(&mut self, is_due: fn(Millis, Millis) -> bool) {
        while self.next_due().is_some_and(|due| is_due(due, self.now)) {
            let Some((_, id)) = self.timers.pop_first() else {
                return;
            };
            let Some((mut item, attempt)) = self.take(id) else {
                continue;
            };
            if let Some(attempt) = attempt {
                self.counts.timed_out += 1;
                self.effects.push(Effect::TimedOut { item: id });
                self.release(attempt, ReleaseReason::TimedOut);
                let next = item.timed_out();
                self.proceed(id, item, next);
            } else if item.deadline <= self.now {
                self.settle(id, Outcome::Expired);
            } else {
                self.wait_in_front(id, item);
            }
        }
    }

    fn dispatch(&mut self) {
        if !self.handler || !self.waiting.has_exclusive() {
            self.slots.end_reservation();
        }
        if self.paused || !(self.slots.any_ready() || self.waiting.has_exclusive()) {
            return;
        }
        let mut open = Open { shared: self.handler, exclusive: self.handler, acquired: true };
        while let Some((id, lane)) = self.waiting.first(open) {
            let exclusive = lane == Lane::Exclusive;
            let slot = if exclusive { self.slots.idle() } else { self.slots.shared() };
            if let Some(slot) = slot {
                self.waiting.remove_first(lane);
                self.start(id, slot, lane);
            } else if exclusive {
                // While an item before it waits for a slot, it is not yet its turn to take one away
                // from the others.
                if open.shared || self.slots.is_reserving() {
                    self.slots.reserve();
                }
                // A reservation that moved has left slots behind for the others.
                open = Open { shared: self.handler, exclusive: false, acquired: true };
            } else {
                open.shared = false;
                open.acquired = false;
            }
        }
    }

    fn start(&mut self, id: ItemId, slot: SlotId, lane: Lane) {
        let Some(item) = self.items.get_mut(&id) else {
            return;
        };
        let due = item.due(self.now);
        let attempt = self.slots.start(id, slot, due, lane);
        item.attempts = item.attempts.saturating_add(1);
        item.state = State::Running(attempt);
        let (number, waited) = (item.attempts, item.age(self.now));
        self.effects.push(Effect::Start { item: id, attempt, number, slot, waited });
        let deadline = item.deadline;
        self.disarm(deadline, id);
        self.arm(due, id);
    }

    fn proceed(&mut self, id: ItemId, item: Box<Item>, next: Next) {
        let reason = match next {
            Next::Settle(outcome) => return self.settle(id, outcome),
            Next::Retry(reason) => reason,
        };
        let refused = match self.intake {
            Intake::Closing => Some(Outcome::Closed),
            _ if item.deadline <= self.now => Some(Outcome::Expired),
            _ => None,
        };
        if let Some(outcome) = refused {
            // What the handler said is the better reason.
            let failed = reason == RetryReason::Error;
            return self.settle(id, if failed { Outcome::Failed } else { outcome });
        }
        self.counts.retried += 1;
        self.effects.push(Effect::Retry { item: id, reason });
        let delay = match reason {
            RetryReason::Timeout | RetryReason::Error => {
                self.limits.retry_delay.before(item.failures(), &mut self.random)
            }
            RetryReason::Crash | RetryReason::Stopped => 0,
        };
        if delay == 0 {
            self.wait_in_front(id, item);
        } else {
            let until = self.now.saturating_add(delay).min(item.deadline);
            self.put(id, item, State::Delayed { until });
        }
    }

    fn wait_in_front(&mut self, id: ItemId, item: Box<Item>) {
        let rank = self.waiting.front();
        self.put(id, item, State::Waiting { rank });
    }

    /// The opposite of [`Self::take`].
    pub(super) fn put(&mut self, id: ItemId, mut item: Box<Item>, state: State) {
        item.state = state;
        if let State::Waiting { rank } = state {
            self.waiting.insert(item.lane(), item.priority, rank, id);
        }
        self.arm(self.due(&item), id);
        self.items.insert(id, item);
    }

    /// Takes an item out of everything that knows of it, its running attempt included. Whoever has
    /// it can only settle it or put it back, so none is settled twice.
    fn take(&mut self, id: ItemId) -> Option<(Box<Item>, Option<Attempt>)> {
        let item = self.items.remove(&id)?;
        self.disarm(self.due(&item), id);
        let attempt = match item.state {
            State::Waiting { rank } => {
                self.waiting.remove(item.lane(), item.priority, rank);
                None
            }
            State::Delayed { .. } => None,
            State::Running(attempt) => self.slots.end(attempt),
        };
        Some((item, attempt))
    }

    /// When an item has to be looked at again.
    fn due(&self, item: &Item) -> Millis {
        match item.state {
            State::Waiting { .. } => item.deadline,
            State::Delayed { until } => until,
            State::Running(attempt) => self.slots.due(attempt),
        }
    }

    fn arm(&mut self, due: Millis, id: ItemId) {
        if due != NEVER {
            self.timers.insert((due, id));
        }
    }

    fn disarm(&mut self, due: Millis, id: ItemId) {
        if due != NEVER {
            self.timers.remove(&(due, id));
        }
    }

    fn settle(&mut self, id: ItemId, outcome: Outcome) {
        match outcome {
            Outcome::Fulfilled => self.counts.fulfilled += 1,
            Outcome::Aborted => self.counts.aborted += 1,
            _ => self.counts.rejected += 1,
        }
        self.effects.push(Effect::Settled { item: id, outcome });
    }

    fn release(&mut self, attempt: Attempt, reason: ReleaseReason) {
        self.effects.push(Effect::Release { attempt: attempt.id, slot: attempt.slot, reason });
    }

    fn tell_of_idleness(&mut self) {
        if self.busy && self.items.is_empty() {
            self.effects.push(Effect::Idle);
        }
        self.busy = !self.items.is_empty();
    }

    pub(super) fn waiting_count(&self) -> usize {
        self.items.len() - self.slots.in_flight()
    }
}

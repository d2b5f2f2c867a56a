//! What the queue and the fleet ask for, carried out.

use std::{mem, sync::Arc, time::Duration};

use crate::{
    error::{Code, Error},
    queue::{AttemptId, Effect, ItemId, Millis, Outcome, ReleaseReason, SlotId, Verdict},
    supervisor::{Action, WorkerState, worker::Order},
};

use super::{
    super::{AttemptPage, Event},
    Actor, Running,
};

impl Actor {
    /// Carries out what queue and supervisor ask for, until neither asks for more.
    pub(super) fn carry_out(&mut self) {
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
                if number == 1 {
                    self.tally.waiting.observe(waited);
                }
                self.begin(now, item, attempt, number, slot);
            }
            Effect::Release { attempt, slot, reason } => self.release(now, attempt, slot, reason),
            Effect::TimedOut { item } => {
                tracing::info!(item = item.0, "item's time is over");
                self.emit(Event::TimedOut(item));
            }
            Effect::Retry { item, reason } => {
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

    /// Starts an attempt on the slot's page.
    fn begin(&mut self, now: Millis, item: ItemId, attempt: AttemptId, number: u32, slot: SlotId) {
        let (Some(page), Some(entry)) = (self.pages.remove(&slot), self.workers.get(&slot.worker)) else {
            tracing::error!(?slot, "an item was started on a slot without a page");
            return self.queue.finished(now, attempt, Verdict::Failed);
        };
        let page = Arc::new(AttemptPage::new(page, entry.vitals.clone()));
        let limited = self.queue.is_limited(attempt);
        let load = entry.load.begin(limited);
        self.attempts.insert(attempt, Running { item, slot, page, started: now, load });
        tracing::debug!(item = item.0, attempt = number, worker = slot.worker.0, slot = slot.index, "item starts");
        self.emit(Event::Start { item, attempt, number, slot });
        self.fleet.item_started(now, slot.worker);
    }

    /// Frees the slot of an attempt that is over, and orders the slot's next page.
    fn release(&mut self, now: Millis, attempt: AttemptId, slot: SlotId, reason: ReleaseReason) {
        let Some(Running { page, started, load, .. }) = self.attempts.remove(&attempt) else { return };
        // Before the order for the next page comes to the worker, which looks at its load.
        drop(load);
        let had = now.saturating_sub(started);
        self.tally.running.observe(had);
        // First closed, and then looked at.
        page.end(page_closed(reason));
        let unused = page.untouched();
        let lasts = self.fleet.worker(slot.worker).is_some_and(|worker| worker.state == WorkerState::Ready);
        if unused.is_none()
            && let Some(entry) = self.workers.get(&slot.worker)
        {
            let order = if lasts { Order::Renew } else { Order::Discard };
            let cut_short = reason != ReleaseReason::Done;
            let patience = cut_short.then(|| self.options.page_death.unwrap_or(had));
            let _ = entry.orders.send(order(slot.index, patience.map(Duration::from_millis)));
        }
        self.fleet.item_ended(now, slot.worker, reason);
        if let Some(page) = unused.filter(|_| lasts) {
            self.page_made(now, slot, page);
        }
    }
}

/// Names no item: JavaScript puts the program's own id on the error.
fn page_closed(reason: ReleaseReason) -> Error {
    let why = match reason {
        ReleaseReason::Done => "has ended; await every page method before the handler ends",
        ReleaseReason::TimedOut => "timed out",
        ReleaseReason::Aborted => "was aborted",
    };
    Error::new(Code::PageClosed, format!("the attempt that this page belongs to {why}"))
}

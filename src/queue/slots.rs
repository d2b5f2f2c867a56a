//! Workers, their slots, and the attempts that run on them.
//!
//! Slots are known only while they are ready or taken. An item that needs a worker for itself and
//! finds none idle has the least busy one reserved: nothing else is started there, so that it is
//! idle one day while all others go on.

use std::collections::{BTreeMap, BTreeSet};

use super::item::NEVER;
use super::waiting::Lane;
use super::{AttemptId, ItemId, Millis, SlotId, WorkerId};

#[derive(Default)]
pub(super) struct Slots {
    workers: BTreeMap<WorkerId, Worker>,
    attempts: BTreeMap<AttemptId, Attempt>,
    started: u64,
    reserved: Option<WorkerId>,
}

#[derive(Default)]
struct Worker {
    ready: BTreeSet<u16>,
    running: BTreeSet<AttemptId>,
    /// Slots whose attempt has ended and whose page may still be there: it can take the browser down after its end.
    releasing: BTreeSet<u16>,
    /// How many of the running attempts are acquired pages, which are kept for as long as their owners like.
    acquired: usize,
    /// The one attempt that runs here needs the worker for itself.
    exclusive: bool,
    /// The worker takes no more attempts, and is gone when the last one has ended.
    draining: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Attempt {
    pub id: AttemptId,
    pub item: ItemId,
    pub slot: SlotId,
    /// When the attempt has taken too long.
    pub due: Millis,
    acquired: bool,
}

impl Slots {
    pub fn ready(&mut self, slot: SlotId) {
        let worker = self.workers.entry(slot.worker).or_default();
        worker.draining = false;
        worker.releasing.remove(&slot.index);
        let taken = worker.running.iter().any(|id| self.attempts.get(id).is_some_and(|attempt| attempt.slot == slot));
        if !taken {
            worker.ready.insert(slot.index);
        }
    }

    pub fn withdraw(&mut self, slot: SlotId) {
        if let Some(worker) = self.workers.get_mut(&slot.worker) {
            worker.ready.remove(&slot.index);
        }
    }

    /// Withdraws every slot of a worker, whatever their number.
    pub fn withdraw_all(&mut self, worker: WorkerId) {
        if let Some(worker) = self.workers.get_mut(&worker) {
            worker.draining = true;
            worker.ready.clear();
        }
    }

    /// The page of the slot's last attempt is gone, and no other comes.
    pub fn clear(&mut self, slot: SlotId) {
        if let Some(worker) = self.workers.get_mut(&slot.worker) {
            worker.releasing.remove(&slot.index);
        }
    }

    /// Whether pages of attempts that have ended may still be there.
    pub fn is_releasing(&self, worker: WorkerId) -> bool {
        self.workers.get(&worker).is_some_and(|worker| !worker.releasing.is_empty())
    }

    /// The items that run on a worker, in the order in which they were started.
    pub fn items_on(&self, worker: WorkerId) -> Vec<ItemId> {
        let running = self.workers.get(&worker).map(|worker| &worker.running);
        running.into_iter().flatten().filter_map(|id| self.item_of(*id)).collect()
    }

    pub fn forget_worker(&mut self, worker: WorkerId) {
        self.workers.remove(&worker);
    }

    pub fn item_of(&self, attempt: AttemptId) -> Option<ItemId> {
        self.attempts.get(&attempt).map(|attempt| attempt.item)
    }

    pub fn due(&self, attempt: AttemptId) -> Millis {
        self.attempts.get(&attempt).map_or(NEVER, |attempt| attempt.due)
    }

    pub fn in_flight(&self) -> usize {
        self.attempts.len()
    }

    pub fn any_ready(&self) -> bool {
        self.workers.values().any(|worker| !worker.ready.is_empty())
    }

    /// A ready slot that may be shared with others, on the least busy worker that has one.
    pub fn shared(&self) -> Option<SlotId> {
        let open = |id: &WorkerId, worker: &Worker| !worker.exclusive && self.reserved != Some(*id);
        self.least_busy(|id, worker| open(id, worker) && !worker.ready.is_empty())
    }

    /// A ready slot on a worker where nothing else is.
    pub fn idle(&self) -> Option<SlotId> {
        self.least_busy(|_, worker| worker.running.is_empty() && worker.releasing.is_empty())
    }

    fn least_busy(&self, fit: impl Fn(&WorkerId, &Worker) -> bool) -> Option<SlotId> {
        let slot = |(id, worker): (&WorkerId, &Worker)| {
            let index = *worker.ready.first()?;
            fit(id, worker).then_some((worker.running.len(), SlotId { worker: *id, index }))
        };
        self.workers.iter().filter_map(slot).min().map(|(_, slot)| slot)
    }

    /// Reserves the least busy worker. A reservation moves only to a worker that is closer to being
    /// idle, or away from one that drains, so the wait for it gets shorter with every attempt that
    /// ends. A worker with an acquired page may never be idle, and is not reserved.
    pub fn reserve(&mut self) {
        let distance =
            |(id, worker): &(&WorkerId, &Worker)| (worker.draining, worker.running.len(), self.reserved != Some(**id));
        let workers = self.workers.iter().filter(|(_, worker)| worker.acquired == 0);
        self.reserved = workers.min_by_key(distance).map(|(id, _)| *id);
    }

    pub fn is_reserving(&self) -> bool {
        self.reserved.is_some()
    }

    pub fn end_reservation(&mut self) {
        self.reserved = None;
    }

    /// Starts an attempt on a ready slot; an exclusive one is what the reservation was for.
    pub fn start(&mut self, item: ItemId, slot: SlotId, due: Millis, lane: Lane) -> AttemptId {
        let (acquired, exclusive) = (lane == Lane::Acquired, lane == Lane::Exclusive);
        self.started += 1;
        let id = AttemptId(self.started);
        self.attempts.insert(id, Attempt { id, item, slot, due, acquired });
        let worker = self.workers.entry(slot.worker).or_default();
        worker.ready.remove(&slot.index);
        worker.running.insert(id);
        worker.acquired += usize::from(acquired);
        worker.exclusive = exclusive;
        if exclusive {
            self.end_reservation();
        }
        id
    }

    pub fn end(&mut self, attempt: AttemptId) -> Option<Attempt> {
        let ended = self.attempts.remove(&attempt)?;
        if let Some(worker) = self.workers.get_mut(&ended.slot.worker) {
            worker.running.remove(&attempt);
            worker.releasing.insert(ended.slot.index);
            worker.acquired -= usize::from(ended.acquired);
            worker.exclusive = false;
        }
        Some(ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(worker: u32, index: u16) -> SlotId {
        SlotId { worker: WorkerId(worker), index }
    }

    fn slots(ready: &[(u32, u16)]) -> Slots {
        let mut slots = Slots::default();
        for (worker, index) in ready {
            slots.ready(slot(*worker, *index));
        }
        slots
    }

    #[test]
    fn the_least_busy_worker_gets_the_next_attempt() {
        let mut slots = slots(&[(1, 0), (1, 1), (2, 0), (2, 1)]);
        let mut taken = Vec::new();
        while let Some(slot) = slots.shared() {
            slots.start(ItemId(1), slot, NEVER, Lane::Shared);
            taken.push(slot.worker.0);
        }
        assert_eq!(taken, [1, 2, 1, 2]);
    }

    #[test]
    fn a_slot_that_is_made_ready_twice_is_still_one_slot() {
        let mut slots = slots(&[(1, 0), (1, 0)]);
        slots.start(ItemId(1), slot(1, 0), NEVER, Lane::Shared);
        slots.ready(slot(1, 0));
        assert_eq!(slots.shared(), None);
    }

    #[test]
    fn a_slot_stays_away_after_its_attempt_until_it_is_ready_again() {
        let mut slots = slots(&[(1, 0)]);
        let attempt = slots.start(ItemId(1), slot(1, 0), NEVER, Lane::Shared);
        assert!(slots.end(attempt).is_some());
        assert_eq!(slots.shared(), None);
        slots.ready(slot(1, 0));
        assert_eq!(slots.shared(), Some(slot(1, 0)));
    }

    #[test]
    fn nothing_is_started_beside_an_exclusive_attempt() {
        let mut slots = slots(&[(1, 0), (1, 1)]);
        let attempt = slots.start(ItemId(1), slot(1, 0), NEVER, Lane::Exclusive);
        assert_eq!((slots.shared(), slots.idle()), (None, None));
        slots.end(attempt);
        assert_eq!(slots.shared(), Some(slot(1, 1)));
    }

    #[test]
    fn a_reserved_worker_takes_nothing_but_the_exclusive_attempt() {
        let mut slots = slots(&[(1, 0), (1, 1)]);
        let attempt = slots.start(ItemId(1), slot(1, 0), NEVER, Lane::Shared);
        slots.reserve();
        assert_eq!((slots.shared(), slots.idle()), (None, None));
        slots.end(attempt);
        slots.ready(slot(1, 0));
        assert_eq!((slots.shared(), slots.idle()), (None, Some(slot(1, 0))));
    }

    #[test]
    fn a_worker_is_idle_only_when_the_pages_of_ended_attempts_are_gone() {
        let mut slots = slots(&[(1, 0), (1, 1)]);
        let attempt = slots.start(ItemId(1), slot(1, 0), NEVER, Lane::Shared);
        slots.end(attempt);
        assert_eq!((slots.idle(), slots.is_releasing(WorkerId(1))), (None, true));
        slots.clear(slot(1, 0));
        assert_eq!((slots.idle(), slots.is_releasing(WorkerId(1))), (Some(slot(1, 1)), false));
    }

    #[test]
    fn a_worker_with_an_acquired_page_is_not_reserved() {
        let mut slots = slots(&[(1, 0), (1, 1)]);
        let page = slots.start(ItemId(1), slot(1, 0), NEVER, Lane::Acquired);
        slots.reserve();
        assert_eq!((slots.is_reserving(), slots.shared()), (false, Some(slot(1, 1))));
        slots.end(page);
        slots.reserve();
        assert!(slots.is_reserving());
    }

    #[test]
    fn a_reservation_moves_only_to_a_worker_closer_to_idle() {
        let mut slots = slots(&[(1, 0), (1, 1), (2, 0), (2, 1)]);
        let first = slots.start(ItemId(1), slot(1, 0), NEVER, Lane::Shared);
        let second = slots.start(ItemId(2), slot(2, 0), NEVER, Lane::Shared);
        slots.reserve();
        assert_eq!(slots.reserved, Some(WorkerId(1)));
        slots.end(second);
        slots.reserve();
        assert_eq!(slots.reserved, Some(WorkerId(2)));
        slots.end(first);
        slots.reserve();
        assert_eq!(slots.reserved, Some(WorkerId(2)));
    }

    #[test]
    fn a_worker_that_drains_is_the_last_to_be_reserved() {
        let mut slots = slots(&[(1, 0), (2, 0), (2, 1)]);
        for (worker, index) in [(1, 0), (2, 0), (2, 1)] {
            slots.start(ItemId(1), slot(worker, index), NEVER, Lane::Shared);
        }
        slots.withdraw_all(WorkerId(1));
        slots.reserve();
        assert_eq!(slots.reserved, Some(WorkerId(2)));
    }

    #[test]
    fn a_worker_that_drains_has_no_ready_slot_however_many_it_had() {
        let mut slots = slots(&[(1, 0), (1, 1), (1, 7)]);
        slots.start(ItemId(1), slot(1, 0), NEVER, Lane::Shared);
        slots.withdraw_all(WorkerId(1));
        assert_eq!((slots.shared(), slots.in_flight()), (None, 1));
    }

    #[test]
    fn a_slot_that_is_withdrawn_alone_leaves_the_others_of_its_worker_ready() {
        let mut slots = slots(&[(1, 0), (1, 1)]);
        slots.withdraw(slot(1, 0));
        assert_eq!(slots.shared(), Some(slot(1, 1)));
    }
}

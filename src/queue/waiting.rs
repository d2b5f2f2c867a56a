//! The items that may start, in the order in which they do.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::ItemId;

/// What an item needs of a slot. Each lane is in order by itself, so that a lane that cannot go on
/// never has to be scanned to find what can.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lane {
    /// A handler, and any slot.
    Shared,
    /// A handler, and a worker for itself.
    Exclusive,
    /// Any slot.
    Acquired,
}

/// The lanes that can go on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    pub shared: bool,
    pub exclusive: bool,
    pub acquired: bool,
}

/// Where an item stands: priority first, then rank.
type Place = (Reverse<i32>, i64);

/// A tree rather than a ring buffer: any item can be aborted at any time, and a drained backlog
/// gives its memory back.
#[derive(Default)]
pub(super) struct Waiting {
    shared: BTreeMap<Place, ItemId>,
    exclusive: BTreeMap<Place, ItemId>,
    acquired: BTreeMap<Place, ItemId>,
    front: i64,
    back: i64,
}

impl Waiting {
    /// A rank before every other.
    pub fn front(&mut self) -> i64 {
        self.front -= 1;
        self.front
    }

    /// A rank after every other.
    pub fn back(&mut self) -> i64 {
        self.back += 1;
        self.back
    }

    pub fn insert(&mut self, lane: Lane, priority: i32, rank: i64, item: ItemId) {
        self.lane(lane).insert((Reverse(priority), rank), item);
    }

    pub fn remove(&mut self, lane: Lane, priority: i32, rank: i64) {
        self.lane(lane).remove(&(Reverse(priority), rank));
    }

    pub fn remove_first(&mut self, lane: Lane) {
        self.lane(lane).pop_first();
    }

    /// The first item of the open lanes.
    pub fn first(&self, open: Open) -> Option<(ItemId, Lane)> {
        let lanes = [
            (open.shared, &self.shared, Lane::Shared),
            (open.exclusive, &self.exclusive, Lane::Exclusive),
            (open.acquired, &self.acquired, Lane::Acquired),
        ];
        let mut first: Option<(&Place, &ItemId, Lane)> = None;
        for (open, items, lane) in lanes {
            let Some((place, item)) = items.first_key_value().filter(|_| open) else {
                continue;
            };
            if first.is_none_or(|(before, ..)| place < before) {
                first = Some((place, item, lane));
            }
        }
        first.map(|(_, item, lane)| (*item, lane))
    }

    pub fn has_exclusive(&self) -> bool {
        !self.exclusive.is_empty()
    }

    fn lane(&mut self, lane: Lane) -> &mut BTreeMap<Place, ItemId> {
        match lane {
            Lane::Shared => &mut self.shared,
            Lane::Exclusive => &mut self.exclusive,
            Lane::Acquired => &mut self.acquired,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Open = Open { shared: true, exclusive: true, acquired: true };

    #[test]
    fn the_order_is_priority_then_rank_across_all_lanes() {
        let mut waiting = Waiting::default();
        let (first, second, before) = (waiting.back(), waiting.back(), waiting.front());
        waiting.insert(Lane::Shared, 0, first, ItemId(3));
        waiting.insert(Lane::Acquired, 0, second, ItemId(4));
        waiting.insert(Lane::Exclusive, 0, before, ItemId(2));
        waiting.insert(Lane::Acquired, 1, second, ItemId(1));
        let mut order = Vec::new();
        for (priority, rank) in [(1, second), (0, before), (0, first), (0, second)] {
            let (id, lane) = waiting.first(ALL).unwrap();
            waiting.remove(lane, priority, rank);
            order.push(id.0);
        }
        assert_eq!(order, [1, 2, 3, 4]);
        assert_eq!(waiting.first(ALL), None);
    }

    #[test]
    fn a_lane_that_is_not_open_is_passed_over() {
        let mut waiting = Waiting::default();
        let (first, second) = (waiting.back(), waiting.back());
        waiting.insert(Lane::Exclusive, 0, first, ItemId(1));
        waiting.insert(Lane::Shared, 0, second, ItemId(2));
        assert_eq!(waiting.first(Open { exclusive: false, ..ALL }), Some((ItemId(2), Lane::Shared)));
    }
}

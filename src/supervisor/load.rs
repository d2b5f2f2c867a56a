//! How many attempts run on a worker, counted by a guard that each of them owns.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

/// Attempts that run on a worker.
#[derive(Debug, Default)]
pub struct Load {
    /// All of them.
    in_flight: AtomicU32,
    /// Those without a time limit.
    unlimited: AtomicU32,
}

/// Counts one attempt until it is dropped.
#[derive(Debug)]
pub struct LoadGuard {
    load: Arc<Load>,
    limited: bool,
}

impl Load {
    /// An attempt begins, with a time limit or without.
    #[must_use]
    pub fn begin(self: &Arc<Self>, limited: bool) -> LoadGuard {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        self.unlimited.fetch_add(u32::from(!limited), Ordering::Relaxed);
        LoadGuard { load: self.clone(), limited }
    }

    /// Whether no attempt runs.
    pub(super) fn is_idle(&self) -> bool {
        self.in_flight.load(Ordering::Relaxed) == 0
    }

    /// Whether no attempt runs that has a time limit.
    pub(super) fn is_idle_but_for_unlimited(&self) -> bool {
        self.in_flight.load(Ordering::Relaxed) <= self.unlimited.load(Ordering::Relaxed)
    }
}

impl Drop for LoadGuard {
    fn drop(&mut self) {
        self.load.unlimited.fetch_sub(u32::from(!self.limited), Ordering::Relaxed);
        self.load.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_count_until_their_guards_are_dropped() {
        let load = Arc::<Load>::default();
        let (limited, unlimited) = (load.begin(true), load.begin(false));
        assert!(!load.is_idle_but_for_unlimited());
        drop(limited);
        assert!(load.is_idle_but_for_unlimited() && !load.is_idle());
        drop(unlimited);
        assert!(load.is_idle());
    }
}

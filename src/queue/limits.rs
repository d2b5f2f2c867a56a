//! What a caller can ask for: the town's limits, and what one item asks for itself.

use super::Millis;

/// The town's limits, the same for every item that does not ask for its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// How many items may wait, those under a retry delay included; `usize::MAX` is no limit. Only
    /// a new item is ever refused.
    pub waiting: usize,
    /// How long an attempt may take; `None` is for ever.
    pub timeout: Option<Millis>,
    /// How many timeouts of one item are followed by a retry; `None` is all of them.
    pub timeout_retries: Option<u32>,
    /// How many handler errors of one item are followed by a retry.
    pub error_retries: u32,
    /// How many browsers one item may take down; 0 means 1.
    pub crash_tries: u32,
    /// How long an item waits before it is tried again after a timeout or a handler error.
    pub retry_delay: RetryDelay,
}

/// Exponential backoff with jitter. The delay before the n-th retry is drawn evenly from the upper
/// half of `min * 2^n`, which is capped at `max`, and is never below `min`: between `min` and `2 *
/// min` at first, then between twice and four times `min`, and in the end between `max / 2` and
/// `max`. So `min == max` is a fixed delay, and `min: 0` is none.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct RetryDelay {
    /// No delay is shorter.
    pub min: Millis,
    /// No delay is longer, unless `min` is.
    pub max: Millis,
}

impl RetryDelay {
    /// The delay before the given retry, counted from 1.
    pub fn before(&self, retry: u32, random: &mut fastrand::Rng) -> Millis {
        let factor = 1_u64.checked_shl(retry).unwrap_or(u64::MAX);
        let longest = self.min.saturating_mul(factor).min(self.max).max(self.min);
        random.u64(self.min.max(longest / 2)..=longest)
    }
}

/// What one item asks for; the default is the town's limits at priority 0.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct ItemOptions {
    /// Higher first.
    pub priority: i32,
    /// Whether the item goes to the front of its priority instead of the back.
    pub asap: bool,
    /// In place of [`Limits::timeout`].
    pub timeout: Setting<Millis>,
    /// In place of [`Limits::timeout_retries`].
    pub tries: Setting<u32>,
    /// The time from which on the item is not started any more, neither for the first time nor again. A
    /// running attempt may end later.
    pub deadline: Option<Millis>,
    /// A page without the queue's services: it needs no handler, is never retried, and has no
    /// timeout but its own.
    pub acquired: bool,
    /// The item was aborted before it came, and never starts.
    pub aborted: bool,
}

/// A limit that is either the town's or the item's own, where `Own(None)` is no limit.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Setting<T> {
    #[default]
    /// The town's limit.
    Town,
    /// The item's own.
    Own(Option<T>),
}

impl<T> Setting<T> {
    pub(super) fn or(self, town: Option<T>) -> Option<T> {
        match self {
            Self::Town => town,
            Self::Own(own) => own,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(delay: RetryDelay, retry: u32) -> (Millis, Millis) {
        let mut random = fastrand::Rng::with_seed(7);
        let drawn: Vec<Millis> = (0..2000).map(|_| delay.before(retry, &mut random)).collect();
        (*drawn.iter().min().unwrap(), *drawn.iter().max().unwrap())
    }

    #[test]
    fn the_delay_doubles_from_min_and_is_capped_at_max() {
        let delay = RetryDelay { min: 10, max: 70 };
        assert_eq!(range(delay, 1), (10, 20));
        assert_eq!(range(delay, 2), (20, 40));
        assert_eq!(range(delay, 3), (35, 70));
        assert_eq!(range(delay, 4), (35, 70));
    }

    #[test]
    fn a_min_that_is_also_the_max_is_a_fixed_delay() {
        assert_eq!(range(RetryDelay { min: 25, max: 25 }, 1), (25, 25));
        assert_eq!(range(RetryDelay { min: 25, max: 25 }, 9), (25, 25));
    }

    #[test]
    fn a_min_of_zero_is_no_delay() {
        assert_eq!(range(RetryDelay { min: 0, max: 1000 }, 5), (0, 0));
    }

    #[test]
    fn no_number_of_retries_overflows_the_delay() {
        let delay = RetryDelay { min: 3, max: Millis::MAX };
        assert!(range(delay, 63).0 >= Millis::MAX / 2);
        assert!(range(delay, u32::MAX).0 >= Millis::MAX / 2);
    }

    #[test]
    fn an_items_own_setting_replaces_the_towns() {
        assert_eq!(Setting::Town.or(Some(1)), Some(1));
        assert_eq!(Setting::Own(Some(2)).or(Some(1)), Some(2));
        assert_eq!(Setting::<u32>::Own(None).or(Some(1)), None);
    }
}

//! One accepted item: where it is, what it may still do, and what follows when one of its attempts
//! ends.

use super::waiting::Lane;
use super::{AttemptId, ItemOptions, Limits, Loss, Millis, Outcome, RetryReason};

/// A time that never comes.
pub(super) const NEVER: Millis = Millis::MAX;

/// A timeout of an attempt that never ends by itself; anything longer than its 49 days is one too.
const UNLIMITED: u32 = u32::MAX;

/// The limits are resolved when the item is accepted, and "no limit" is the largest number: a
/// million items wait in memory.
#[derive(Debug)]
pub(super) struct Item {
    pub state: State,
    /// The lower half of the time, which tells 49 days apart.
    queued: u32,
    pub deadline: Millis,
    /// [`UNLIMITED`] where there is none.
    timeout: u32,
    pub priority: i32,
    pub attempts: u32,
    timeout_retries: u32,
    timeouts: u32,
    errors: u32,
    crashes: u16,
    /// The item shared a browser when that crashed, and has not run alone since.
    suspect: bool,
    acquired: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// The item may start as soon as there is a slot; `rank` is its place within its priority.
    Waiting {
        rank: i64,
    },
    /// The item waits for the end of a retry delay, or for its deadline if that comes before.
    Delayed {
        until: Millis,
    },
    Running(AttemptId),
}

/// What follows the end of an attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Next {
    Retry(RetryReason),
    Settle(Outcome),
}

impl Item {
    pub fn new(queued: Millis, options: &ItemOptions, limits: &Limits, rank: i64) -> Self {
        let town_timeout = if options.acquired { None } else { limits.timeout };
        Self {
            state: State::Waiting { rank },
            queued: lower_half(queued),
            deadline: options.deadline.unwrap_or(NEVER),
            timeout: options
                .timeout
                .or(town_timeout)
                .map_or(UNLIMITED, |timeout| u32::try_from(timeout).unwrap_or(UNLIMITED)),
            priority: options.priority,
            attempts: 0,
            timeout_retries: options.tries.or(limits.timeout_retries).unwrap_or(u32::MAX),
            timeouts: 0,
            errors: 0,
            crashes: 0,
            suspect: false,
            acquired: options.acquired,
        }
    }

    /// How long ago the item was accepted.
    pub fn age(&self, now: Millis) -> Millis {
        lower_half(now).wrapping_sub(self.queued).into()
    }

    /// When an attempt that starts now has timed out. One without any time is late from the start.
    pub fn due(&self, now: Millis) -> Millis {
        match self.timeout {
            UNLIMITED => NEVER,
            0 => now.saturating_sub(1),
            timeout => now.saturating_add(timeout.into()),
        }
    }

    pub fn lane(&self) -> Lane {
        match self {
            Self { acquired: true, .. } => Lane::Acquired,
            Self { suspect: false, crashes: 0, .. } => Lane::Shared,
            _ => Lane::Exclusive,
        }
    }

    /// How many attempts have ended in a timeout or an error.
    pub fn failures(&self) -> u32 {
        self.timeouts.saturating_add(self.errors)
    }

    pub fn timed_out(&mut self) -> Next {
        self.suspect = false;
        self.timeouts = self.timeouts.saturating_add(1);
        let unlimited = self.timeout_retries == u32::MAX;
        if !self.acquired && (unlimited || self.timeouts <= self.timeout_retries) {
            Next::Retry(RetryReason::Timeout)
        } else {
            Next::Settle(Outcome::TimedOut { attempts: self.attempts })
        }
    }

    pub fn failed(&mut self, limits: &Limits) -> Next {
        self.suspect = false;
        self.errors = self.errors.saturating_add(1);
        if !self.acquired && self.errors <= limits.error_retries {
            Next::Retry(RetryReason::Error)
        } else {
            Next::Settle(Outcome::Failed)
        }
    }

    /// The item's worker is gone. Only an item that was alone on a crashed one is to blame: of several,
    /// each may be innocent.
    pub fn lost(&mut self, loss: Loss, alone: bool, limits: &Limits) -> Next {
        if self.acquired {
            return Next::Settle(Outcome::Lost);
        }
        match loss {
            Loss::Stopped => return Next::Retry(RetryReason::Stopped),
            Loss::Crashed if alone => self.crashes = self.crashes.saturating_add(1),
            Loss::Crashed => self.suspect = true,
        }
        let browsers = u32::from(self.crashes);
        if alone && browsers >= limits.crash_tries {
            Next::Settle(Outcome::Crashed { browsers })
        } else {
            Next::Retry(RetryReason::Crash)
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is what is asked for")]
fn lower_half(time: Millis) -> u32 {
    time as u32
}

#[cfg(test)]
mod tests {
    use super::super::{RetryDelay, Setting};
    use super::*;

    const LIMITS: Limits = Limits {
        waiting: usize::MAX,
        timeout: Some(100),
        timeout_retries: Some(1),
        error_retries: 2,
        crash_tries: 2,
        retry_delay: RetryDelay { min: 0, max: 0 },
    };

    fn item(options: &ItemOptions) -> Item {
        Item::new(0, options, &LIMITS, 0)
    }

    #[test]
    fn x_timeout_retries_are_x_retries_after_the_first_attempt() {
        let mut item = item(&ItemOptions::default());
        assert_eq!(item.timed_out(), Next::Retry(RetryReason::Timeout));
        item.attempts = 2;
        assert_eq!(item.timed_out(), Next::Settle(Outcome::TimedOut { attempts: 2 }));
    }

    #[test]
    fn without_a_limit_every_timeout_is_followed_by_a_retry() {
        let mut item = item(&ItemOptions { tries: Setting::Own(None), ..ItemOptions::default() });
        item.timeouts = u32::MAX - 1;
        for _ in 0..3 {
            assert_eq!(item.timed_out(), Next::Retry(RetryReason::Timeout));
        }
    }

    #[test]
    fn errors_and_timeouts_have_limits_of_their_own() {
        let mut item = item(&ItemOptions::default());
        assert_eq!(item.timed_out(), Next::Retry(RetryReason::Timeout));
        assert_eq!(item.failed(&LIMITS), Next::Retry(RetryReason::Error));
        assert_eq!(item.failed(&LIMITS), Next::Retry(RetryReason::Error));
        assert_eq!(item.failed(&LIMITS), Next::Settle(Outcome::Failed));
    }

    #[test]
    fn an_item_that_was_alone_is_counted_up_to_crash_tries() {
        let mut item = item(&ItemOptions::default());
        assert_eq!(item.lost(Loss::Crashed, true, &LIMITS), Next::Retry(RetryReason::Crash));
        assert_eq!(item.lost(Loss::Crashed, true, &LIMITS), Next::Settle(Outcome::Crashed { browsers: 2 }));
    }

    #[test]
    fn an_item_in_company_is_suspected_but_not_counted() {
        let mut item = item(&ItemOptions::default());
        for _ in 0..5 {
            assert_eq!(item.lost(Loss::Crashed, false, &LIMITS), Next::Retry(RetryReason::Crash));
        }
        assert_eq!((item.crashes, item.lane()), (0, Lane::Exclusive));
    }

    #[test]
    fn a_suspect_that_ends_without_a_crash_is_cleared() {
        for end in [Item::timed_out, |item: &mut Item| item.failed(&LIMITS)] {
            let mut item = item(&ItemOptions::default());
            item.lost(Loss::Crashed, false, &LIMITS);
            end(&mut item);
            assert_eq!(item.lane(), Lane::Shared);
        }
    }

    #[test]
    fn a_culprit_stays_alone_even_after_an_attempt_without_a_crash() {
        let mut item = item(&ItemOptions::default());
        item.lost(Loss::Crashed, true, &LIMITS);
        item.timed_out();
        assert_eq!(item.lane(), Lane::Exclusive);
    }

    #[test]
    fn a_stopped_worker_neither_blames_nor_clears() {
        let mut item = item(&ItemOptions::default());
        assert_eq!(item.lost(Loss::Stopped, true, &LIMITS), Next::Retry(RetryReason::Stopped));
        assert_eq!((item.crashes, item.lane()), (0, Lane::Shared));
        item.lost(Loss::Crashed, false, &LIMITS);
        item.lost(Loss::Stopped, true, &LIMITS);
        assert_eq!(item.lane(), Lane::Exclusive);
    }

    #[test]
    fn a_bare_item_is_never_retried() {
        let acquired = ItemOptions { acquired: true, ..ItemOptions::default() };
        assert_eq!(item(&acquired).timed_out(), Next::Settle(Outcome::TimedOut { attempts: 0 }));
        assert_eq!(item(&acquired).failed(&LIMITS), Next::Settle(Outcome::Failed));
        assert_eq!(item(&acquired).lost(Loss::Crashed, true, &LIMITS), Next::Settle(Outcome::Lost));
        assert_eq!(item(&acquired).lost(Loss::Stopped, false, &LIMITS), Next::Settle(Outcome::Lost));
    }

    #[test]
    fn the_age_is_right_beyond_the_49th_day() {
        let accepted = u64::from(u32::MAX) - 1;
        assert_eq!(Item::new(accepted, &ItemOptions::default(), &LIMITS, 0).age(accepted + 10), 10);
    }

    #[test]
    fn a_bare_item_has_no_timeout_but_its_own() {
        assert_eq!(item(&ItemOptions { acquired: true, ..ItemOptions::default() }).due(1), NEVER);
        let own = ItemOptions { acquired: true, timeout: Setting::Own(Some(5)), ..ItemOptions::default() };
        assert_eq!(item(&own).due(1), 6);
    }
}

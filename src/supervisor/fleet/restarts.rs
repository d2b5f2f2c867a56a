//! When the next worker may be launched after others have failed: at once in the beginning, then after pauses that double,
//! and with a bit of chance in them.

use crate::queue::Millis;

/// First pause before a restart; it doubles with every further one.
pub(super) const BACKOFF_MIN: Millis = 100;
/// Longest pause before a restart.
pub(super) const BACKOFF_MAX: Millis = 10_000;
/// After so long without a failure the next pause is the first again.
pub(super) const HEALTHY_AFTER: Millis = 30_000;
/// So many failed launches in a row are no accident: callers that wait for a worker are told.
pub(super) const LAUNCHES_BEFORE_GIVING_UP: u32 = 5;

/// See the [module](self).
pub(super) struct Restarts {
    /// Launches that failed in a row.
    failed_launches: u32,
    last_failed_launch: Option<Millis>,
    /// When a worker has last failed or died.
    last_down: Option<Millis>,
    /// Pauses since the last time of health.
    pauses: u32,
    /// The end of the present pause.
    due: Option<Millis>,
    random: fastrand::Rng,
}

impl Restarts {
    pub fn new(seed: u64) -> Self {
        Self {
            failed_launches: 0,
            last_failed_launch: None,
            last_down: None,
            pauses: 0,
            due: None,
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// The fleet starts anew.
    pub fn forget(&mut self) {
        self.failed_launches = 0;
        self.last_failed_launch = None;
        self.pauses = 0;
        self.due = None;
    }

    /// A launch has succeeded.
    pub fn launched(&mut self) {
        self.failed_launches = 0;
    }

    /// A launch that began at `launched` has failed. Workers that were launched together and fail together are one failure.
    pub fn launch_failed(&mut self, now: Millis, launched: Millis) {
        if self.last_failed_launch.is_none_or(|last| launched >= last) {
            self.failed_launches += 1;
            self.last_failed_launch = Some(now);
        }
    }

    /// Whether so many launches have failed that another is not likely to succeed.
    pub fn are_in_vain(&self) -> bool {
        self.failed_launches >= LAUNCHES_BEFORE_GIVING_UP
    }

    /// A worker has failed or died: a pause begins, unless there is one.
    pub fn down(&mut self, now: Millis) {
        let healthy = self.last_down.is_none_or(|last| now.saturating_sub(last) >= HEALTHY_AFTER);
        self.last_down = Some(now);
        if self.due.is_none() {
            self.pauses = if healthy { 0 } else { self.pauses };
            self.due = Some(now + self.pause());
            self.pauses += 1;
        }
    }

    /// The next launch has to wait as long as any does.
    pub fn put_off(&mut self, now: Millis) {
        self.due = Some(now + BACKOFF_MAX);
    }

    /// When the present pause ends; none while launches may begin.
    pub fn due(&self) -> Option<Millis> {
        self.due
    }

    pub fn tick(&mut self, now: Millis) {
        self.due = self.due.filter(|&due| due > now);
    }

    fn pause(&mut self) -> Millis {
        let pause = BACKOFF_MIN.saturating_mul(1 << self.pauses.min(10)).min(BACKOFF_MAX);
        // Jitter, so that the towns of several programs do not come back together.
        pause / 2 + self.random.u64(0..=pause / 2)
    }
}

//! Growing pauses between two looks at something that the page gives no signal for.

use std::time::Duration;

/// The shortest and the longest pause.
const RANGE: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(100));

/// See the [module](self).
pub(super) struct Pause {
    next: Duration,
}

impl Pause {
    pub fn new() -> Self {
        Self { next: RANGE.0 }
    }

    pub async fn wait(&mut self) {
        tokio::time::sleep(self.next).await;
        self.next = (self.next * 2).min(RANGE.1);
    }
}

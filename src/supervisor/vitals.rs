//! Whether a worker's browser lives, and if not, why. Its process, its connection, its pages and the calls on them find that out
//! in any order; each says so here, and the worker's task waits here for the first that is sure.

use std::time::Duration;

use tokio::{sync::watch, time::timeout};

use crate::{error::Error, queue::Loss};

/// A browser that ends closes its pages, breaks its connections and is seen to end, in any order: after the first of these,
/// the others have so long to come.
pub const LAST_BREATH: Duration = Duration::from_secs(1);

/// Why a worker's browser cannot go on.
#[derive(Clone, Debug)]
pub struct Death {
    /// What happened.
    pub error: Error,
    /// Whether what ran on the browser may be to blame.
    pub loss: Loss,
    certain: bool,
}

/// See the [module](self).
#[derive(Debug, Default)]
pub struct Vitals {
    death: watch::Sender<Option<Death>>,
}

impl Vitals {
    /// The browser has died: what runs on it may be to blame.
    pub fn died(&self, error: Error) {
        self.set(Death { error, loss: Loss::Crashed, certain: true });
    }

    /// The browser gives no more pages, and has to be replaced. A browser that has died gives none either: [`Vitals::died`] then
    /// follows within [`LAST_BREATH`] and takes this reason's place. Otherwise the machine or a page that is gone already is to
    /// blame, and none of the items that run on the browser.
    pub fn failed(&self, error: Error) {
        self.set(Death { error, loss: Loss::Stopped, certain: false });
    }

    fn set(&self, death: Death) {
        self.death.send_if_modified(|known| {
            let better = known.as_ref().is_none_or(|known| death.certain && !known.certain);
            if better {
                *known = Some(death);
            }
            better
        });
    }

    /// Waits for the browser's death. A reason that may not be the best is believed when no better one has followed.
    pub async fn death(&self) -> Death {
        let first = self.until(|_| true).await;
        if first.certain {
            return first;
        }
        timeout(LAST_BREATH, self.until(|death| death.certain)).await.unwrap_or(first)
    }

    async fn until(&self, fits: impl Fn(&Death) -> bool) -> Death {
        let mut news = self.death.subscribe();
        loop {
            if let Some(death) = news.borrow_and_update().as_ref().filter(|death| fits(death)) {
                return death.clone();
            }
            // The sender lives as long as `self`.
            let _ = news.changed().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_certain_reason_is_the_one() {
        let vitals = Vitals::default();
        vitals.failed(Error::gone("no page"));
        vitals.died(Error::gone("first"));
        vitals.died(Error::gone("second"));
        let death = vitals.death().await;
        assert_eq!((death.error.message.contains("first"), death.loss), (true, Loss::Crashed));
    }

    #[tokio::test(start_paused = true)]
    async fn a_certain_reason_that_follows_soon_is_better_than_a_failure_before_it() {
        let vitals = Vitals::default();
        vitals.failed(Error::gone("no page"));
        let (death, ()) = tokio::join!(vitals.death(), async { vitals.died(Error::gone("its process ended")) });
        assert_eq!(death.loss, Loss::Crashed);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_that_nothing_follows_is_believed_and_nothing_is_to_blame_for_it() {
        let vitals = Vitals::default();
        vitals.failed(Error::gone("no page"));
        assert_eq!(vitals.death().await.loss, Loss::Stopped);
    }
}

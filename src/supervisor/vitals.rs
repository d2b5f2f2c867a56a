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

    /// The browser is of no use any more. If that is because it has died, [`Vitals::died`] is the better reason, and follows
    /// soon; else it is the fault of a page before, or of the machine.
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
        let mut news = self.death.subscribe();
        let first = known(news.wait_for(Option::is_some).await.as_deref());
        if first.certain {
            return first;
        }
        let better = news.wait_for(|death| death.as_ref().is_some_and(|death| death.certain));
        timeout(LAST_BREATH, better).await.map_or(first, |better| known(better.as_deref()))
    }
}

fn known<E>(death: Result<&Option<Death>, E>) -> Death {
    // The sender lives as long as the value that is waited on.
    let gone = || Death { error: Error::gone("the worker has ended"), loss: Loss::Stopped, certain: true };
    death.ok().and_then(Clone::clone).unwrap_or_else(gone)
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

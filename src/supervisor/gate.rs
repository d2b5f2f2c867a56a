//! Where every launch of this process passes: as many at a time as there are processors, so that the first browser is
//! soon up and the others follow; and one at a time, with pauses, while the machine is short of memory.

use std::{num::NonZero, pin::pin, sync::LazyLock, thread::available_parallelism, time::Duration};

use tokio::{
    sync::Semaphore,
    time::{Instant, sleep, timeout},
};

use super::memory;

/// A launch that takes longer than this does not wait for a processor, and keeps no other from beginning.
const BUSY_AT_MOST: Duration = Duration::from_secs(2);
/// How long a launch is put off for want of memory: it may never be there, and waiting items need a browser. It is worth the
/// wait: of eight browsers begun together in a control group of 420 MB, 4 or 5 workers failed with it and 22 to 24 without, in
/// one of 560 MB none and up to 7.
const PUT_OFF_AT_MOST: Duration = Duration::from_secs(10);
/// How often is looked whether there is memory again.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Tells what memory is short of, if it is.
type Probe = fn() -> Option<String>;

/// The one that all towns of the process share.
static GATE: LazyLock<Gate<Probe>> =
    LazyLock::new(|| Gate::new(available_parallelism().map_or(1, NonZero::get), memory::shortage));

/// Begins a worker's launch when the machine has room for it, and waits until it is done.
pub async fn launch<T>(worker: u32, launch: impl Future<Output = T>) -> T {
    GATE.pass(worker, launch).await
}

struct Gate<S> {
    processors: Semaphore,
    memory: Semaphore,
    shortage: S,
}

impl<S: Fn() -> Option<String>> Gate<S> {
    fn new(processors: usize, shortage: S) -> Self {
        Self { processors: Semaphore::new(processors), memory: Semaphore::new(1), shortage }
    }

    async fn pass<T>(&self, worker: u32, launch: impl Future<Output = T>) -> T {
        // Neither semaphore is ever closed.
        let processor = self.processors.acquire().await;
        let mut alone = None;
        if let Some(what) = (self.shortage)() {
            tracing::warn!(worker, "memory is short, so that the launch is put off: {what}");
            alone = Some(self.memory.acquire().await);
            self.wait_for_memory().await;
        }
        let mut launch = pin!(launch);
        let launched = timeout(BUSY_AT_MOST, &mut launch).await;
        drop(processor);
        let launched = match launched {
            Ok(launched) => launched,
            Err(_) => launch.await,
        };
        drop(alone);
        launched
    }

    async fn wait_for_memory(&self) {
        let deadline = Instant::now() + PUT_OFF_AT_MOST;
        // Memory that others give back is no event that a program without privileges can wait for.
        while Instant::now() < deadline && (self.shortage)().is_some() {
            sleep(LOOK_AGAIN).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::{pending, ready},
        sync::atomic::{AtomicBool, AtomicU32, Ordering},
    };

    use futures_util::future::join_all;

    use super::*;

    /// How many of ten launches ran at the same time.
    async fn most_at_once(gate: &Gate<impl Fn() -> Option<String>>) -> u32 {
        let (running, most) = (AtomicU32::new(0), AtomicU32::new(0));
        let launch = async || {
            most.fetch_max(running.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            sleep(Duration::from_millis(100)).await;
            running.fetch_sub(1, Ordering::Relaxed);
        };
        join_all((0..10).map(|worker| gate.pass(worker, launch()))).await;
        most.into_inner()
    }

    #[tokio::test(start_paused = true)]
    async fn as_many_launches_run_at_once_as_there_are_processors() {
        assert_eq!(most_at_once(&Gate::new(3, || None)).await, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn while_memory_is_short_one_launch_runs_at_a_time() {
        assert_eq!(most_at_once(&Gate::new(3, || Some("none".to_owned()))).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_launch_begins_when_there_is_memory_again() {
        let short = AtomicBool::new(true);
        let gate = Gate::new(1, || short.load(Ordering::Relaxed).then(|| "none".to_owned()));
        let start = Instant::now();
        let relief = async {
            sleep(Duration::from_secs(3)).await;
            short.store(false, Ordering::Relaxed);
        };
        tokio::join!(gate.pass(1, ready(())), relief);
        assert!(start.elapsed() < PUT_OFF_AT_MOST);
    }

    #[tokio::test(start_paused = true)]
    async fn a_launch_is_not_put_off_for_ever() {
        Gate::new(1, || Some("none".to_owned())).pass(1, ready(())).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_launch_that_hangs_does_not_keep_the_next_from_beginning() {
        let gate = Gate::new(1, || None);
        tokio::select! {
            () = gate.pass(1, pending()) => {}
            () = async { sleep(Duration::from_millis(1)).await; gate.pass(2, ready(())).await } => {}
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_launch_that_is_called_off_leaves_the_gate() {
        let gate = Gate::new(1, || None);
        let _ = timeout(Duration::from_millis(1), gate.pass(1, pending::<()>())).await;
        gate.pass(2, ready(())).await;
    }
}

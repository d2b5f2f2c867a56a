//! Supervises the workers: [`Fleet`] decides, purely, which are launched, replaced and ended; each one's [`worker`] task
//! carries it through its life, past the [`gate`] of all launches, with a [`ProcessTree`] of its own inside the town's [`Workspace`].

mod environment;
mod fleet;
mod folder;
mod gate;
mod leftovers;
mod load;
mod marker;
mod memory;
mod process;
mod tree;
mod vitals;
mod watchdog;
pub mod worker;
mod workspace;

use std::{sync::Arc, time::Duration};

pub use fleet::{Action, Fleet, Offer, Policy, WorkerState, WorkerView};
pub use load::{Load, LoadGuard};
pub use tree::ProcessTree;
pub use vitals::{LAST_BREATH, Vitals};
pub use workspace::Workspace;

/// Where a line was printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Gets every line that a worker's processes print: worker, stream, line.
pub type Output = Arc<dyn Fn(u32, OutputStream, &str) + Send + Sync>;

/// Ends this process by force when it has outlived another one for so long.
pub async fn end_with(pid: u32, after: Duration) {
    process::ended(pid).await;
    tokio::time::sleep(after).await;
    process::kill(std::process::id());
}

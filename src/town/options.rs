//! A town's options, as JavaScript sends them: checked, with defaults filled in, and with `null` for "no limit".

use std::{path::PathBuf, time::Duration};

use serde::Deserialize;

use crate::{
    engine::{BrowserOptions, EngineKind, Isolation},
    queue::{Limits, Millis, RetryDelay},
    supervisor::Policy,
};

/// See `TownOptions` in index.d.ts, where every option is documented.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Options {
    pub worker_count: u32,
    pub worker_death: Option<u64>,
    pub worker_shift: Option<Millis>,
    pub worker_memory: Option<u64>,
    pub page_count: u16,
    pub page_death: Option<Millis>,
    pub page_tries: Option<u32>,
    pub error_tries: u32,
    pub crash_tries: u32,
    pub retry_delay: Delay,
    pub queue_limit: Option<usize>,
    pub launch_timeout: Millis,
    pub close_timeout: Millis,
    pub engine: EngineKind,
    pub isolation: Isolation,
    pub temporary: PathBuf,
    /// None if JavaScript is asked for those of each worker.
    pub browser: Option<BrowserOptions>,
}

/// A delay that grows from `min` to `max`, in milliseconds.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Delay {
    pub min: Millis,
    pub max: Millis,
}

impl Options {
    pub(super) fn limits(&self) -> Limits {
        Limits {
            waiting: self.queue_limit.unwrap_or(usize::MAX),
            timeout: self.page_death,
            timeout_retries: self.page_tries,
            error_retries: self.error_tries,
            crash_tries: self.crash_tries,
            retry_delay: RetryDelay { min: self.retry_delay.min, max: self.retry_delay.max },
        }
    }

    pub(super) fn policy(&self) -> Policy {
        Policy {
            workers: self.worker_count,
            slots: self.page_count,
            death: self.worker_death,
            shift: self.worker_shift,
            memory: self.worker_memory,
        }
    }

    pub(super) fn launch_timeout(&self) -> Duration {
        Duration::from_millis(self.launch_timeout)
    }

    pub(super) fn grace(&self) -> Duration {
        Duration::from_millis(self.close_timeout)
    }
}

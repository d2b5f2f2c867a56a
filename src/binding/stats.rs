//! The present moment of a town as JavaScript sees it; index.d.ts has the same names.

use napi_derive::napi;

use crate::town::{Stats, WorkerStats};

use super::number;

#[napi(object, object_from_js = false)]
pub struct CoreStats {
    pub waiting: f64,
    pub in_flight: f64,
    pub fulfilled: f64,
    pub rejected: f64,
    pub aborted: f64,
    pub retried: f64,
    pub timed_out: f64,
    pub crashed: f64,
    pub workers: Vec<CoreWorkerStats>,
}

/// One worker; `pid` is null while it is not known.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct CoreWorkerStats {
    pub id: u32,
    /// From 0 on; its successor has it too.
    pub place: u32,
    pub pid: Option<u32>,
    pub state: &'static str,
    pub engine: &'static str,
    pub browser: String,
    pub items: f64,
    pub in_flight: u32,
    /// Bytes that the worker's processes hold.
    pub memory: f64,
    /// Milliseconds since the worker's launch.
    pub uptime: f64,
}

impl From<Stats> for CoreStats {
    fn from(stats: Stats) -> Self {
        Self {
            waiting: number(stats.waiting),
            in_flight: number(stats.in_flight),
            fulfilled: number(stats.fulfilled),
            rejected: number(stats.rejected),
            aborted: number(stats.aborted),
            retried: number(stats.retried),
            timed_out: number(stats.timed_out),
            crashed: number(stats.crashed),
            workers: stats.workers.into_iter().map(CoreWorkerStats::from).collect(),
        }
    }
}

impl From<WorkerStats> for CoreWorkerStats {
    fn from(worker: WorkerStats) -> Self {
        Self {
            id: worker.id,
            place: worker.place,
            pid: worker.pid,
            state: worker.state,
            engine: worker.engine,
            browser: worker.browser,
            items: number(worker.items),
            in_flight: worker.in_flight,
            memory: number(worker.memory),
            uptime: number(worker.uptime),
        }
    }
}

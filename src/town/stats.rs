//! What a town tells of itself: `stats()` and, in Prometheus' text format, `metrics()`.

use std::fmt::Write;

use serde::Serialize;

use crate::queue::{Counts, Millis};

/// A consistent view of one moment.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names are those of index.d.ts")]
pub struct Stats {
    pub waiting: u64,
    pub in_flight: u64,
    pub fulfilled: u64,
    pub rejected: u64,
    pub aborted: u64,
    pub retried: u64,
    pub timed_out: u64,
    pub crashed: u64,
    pub workers: Vec<WorkerStats>,
    /// For the metrics.
    #[serde(skip)]
    accepted: u64,
    /// For the metrics.
    #[serde(skip)]
    refused: u64,
    /// For the metrics.
    #[serde(skip)]
    times: Times,
}

/// Upper ends of a histogram's buckets, in milliseconds.
const BUCKETS: [Millis; 14] = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000];

/// How often something took how long.
#[derive(Clone, Debug, Default)]
pub(super) struct Histogram {
    /// By bucket, each without those before; those beyond the last are counted in `count` alone.
    buckets: [u64; BUCKETS.len()],
    count: u64,
    sum: Millis,
}

/// How long things took.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    /// Items, until their first attempt.
    pub waiting: Histogram,
    /// Attempts, until their slot was released.
    pub running: Histogram,
    /// Browsers, until they were ready.
    pub launching: Histogram,
}

impl Histogram {
    pub fn observe(&mut self, took: Millis) {
        if let Some(bucket) = BUCKETS.iter().position(|&end| took <= end) {
            self.buckets[bucket] += 1;
        }
        self.count += 1;
        self.sum = self.sum.saturating_add(took);
    }
}

/// One worker.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names are those of index.d.ts")]
pub struct WorkerStats {
    pub id: u32,
    pub pid: Option<u32>,
    pub state: &'static str,
    pub engine: &'static str,
    pub browser: String,
    pub items: u64,
    pub in_flight: u32,
    pub memory: u64,
    pub uptime: Millis,
}

impl Stats {
    pub(super) fn new(counts: Counts, times: Times, workers: Vec<WorkerStats>) -> Self {
        Self {
            waiting: counts.waiting,
            in_flight: counts.in_flight,
            fulfilled: counts.fulfilled,
            rejected: counts.rejected,
            aborted: counts.aborted,
            retried: counts.retried,
            timed_out: counts.timed_out,
            crashed: counts.crashed,
            workers,
            accepted: counts.accepted,
            refused: counts.refused,
            times,
        }
    }

    /// <https://prometheus.io/docs/instrumenting/exposition_formats/>
    #[must_use]
    pub fn metrics(&self) -> String {
        let mut text = String::new();
        family(
            &mut text,
            "boomtown_items",
            "gauge",
            "Items accepted and not settled.",
            &[("{state=\"waiting\"}", self.waiting), ("{state=\"in_flight\"}", self.in_flight)],
        );
        family(
            &mut text,
            "boomtown_items_queued_total",
            "counter",
            "Items that were queued.",
            &[("{outcome=\"accepted\"}", self.accepted), ("{outcome=\"refused\"}", self.refused)],
        );
        family(
            &mut text,
            "boomtown_items_settled_total",
            "counter",
            "Items that have settled.",
            &[
                ("{outcome=\"fulfilled\"}", self.fulfilled),
                ("{outcome=\"rejected\"}", self.rejected),
                ("{outcome=\"aborted\"}", self.aborted),
            ],
        );
        family(
            &mut text,
            "boomtown_attempts_retried_total",
            "counter",
            "Attempts that were tried again.",
            &[("", self.retried)],
        );
        family(
            &mut text,
            "boomtown_attempts_timed_out_total",
            "counter",
            "Attempts that timed out.",
            &[("", self.timed_out)],
        );
        family(
            &mut text,
            "boomtown_attempts_crashed_total",
            "counter",
            "Attempts whose browser died.",
            &[("", self.crashed)],
        );
        let in_state = |state| self.workers.iter().filter(|worker| worker.state == state).count() as u64;
        family(
            &mut text,
            "boomtown_workers",
            "gauge",
            "Workers by state.",
            &[
                ("{state=\"starting\"}", in_state("starting")),
                ("{state=\"ready\"}", in_state("ready")),
                ("{state=\"draining\"}", in_state("draining")),
                ("{state=\"stopping\"}", in_state("stopping")),
            ],
        );
        let memory: Vec<_> =
            self.workers.iter().map(|worker| (format!("{{worker=\"{}\"}}", worker.id), worker.memory)).collect();
        let memory: Vec<_> = memory.iter().map(|(label, bytes)| (label.as_str(), *bytes)).collect();
        family(
            &mut text,
            "boomtown_worker_memory_bytes",
            "gauge",
            "Memory of a worker's processes, when last measured.",
            &memory,
        );
        let Times { waiting, running, launching } = &self.times;
        histogram(
            &mut text,
            "boomtown_item_waiting_seconds",
            "From queueing an item to the start of its first attempt.",
            waiting,
        );
        histogram(
            &mut text,
            "boomtown_attempt_running_seconds",
            "From the start of an attempt to the release of its slot; attempts that lost their worker are left out.",
            running,
        );
        histogram(
            &mut text,
            "boomtown_worker_launching_seconds",
            "From the launch of a worker until it was ready.",
            launching,
        );
        text
    }
}

fn family(text: &mut String, name: &str, kind: &str, help: &str, samples: &[(&str, u64)]) {
    // Writing to a string cannot fail.
    let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    for (labels, value) in samples {
        let _ = writeln!(text, "{name}{labels} {value}");
    }
}

/// Seconds, as Prometheus wants them; each bucket holds those before.
fn histogram(text: &mut String, name: &str, help: &str, times: &Histogram) {
    let seconds = |millis: Millis| format!("{}.{:03}", millis / 1000, millis % 1000);
    let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} histogram\n");
    let mut total = 0;
    for (end, count) in BUCKETS.into_iter().zip(times.buckets) {
        total += count;
        let _ = writeln!(text, "{name}_bucket{{le=\"{}\"}} {total}", seconds(end));
    }
    let Histogram { count, sum, .. } = times;
    let _ = writeln!(text, "{name}_bucket{{le=\"+Inf\"}} {count}");
    let _ = write!(text, "{name}_sum {}\n{name}_count {count}\n", seconds(*sum));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_its_help_and_type_and_ends_in_a_number() {
        let text = Stats::new(Counts::default(), Times::default(), Vec::new()).metrics();
        for line in text.lines() {
            assert!(
                line.starts_with("# ") || line.rsplit_once(' ').is_some_and(|(_, value)| value.parse::<f64>().is_ok())
            );
        }
        assert!(text.contains("# TYPE boomtown_items gauge\nboomtown_items{state=\"waiting\"} 0\n"));
    }

    #[test]
    fn a_bucket_holds_those_before_it_and_the_last_one_holds_all() {
        let mut times = Histogram::default();
        for took in [0, 5, 6, 1_500, 400_000] {
            times.observe(took);
        }
        let mut text = String::new();
        histogram(&mut text, "t", "help", &times);
        let value = |line: &str| text.lines().find_map(|found| found.strip_prefix(line)).unwrap().to_owned();
        assert_eq!(value("t_bucket{le=\"0.005\"} "), "2");
        assert_eq!(value("t_bucket{le=\"1.000\"} "), "3");
        assert_eq!(value("t_bucket{le=\"300.000\"} "), "4");
        assert_eq!(value("t_bucket{le=\"+Inf\"} "), "5");
        assert_eq!((value("t_sum "), value("t_count ")), ("401.511".to_owned(), "5".to_owned()));
    }
}

//! What a town tells of itself: `stats()` and, in Prometheus' text format, `metrics()`.

use std::fmt::Write;

use crate::queue::{Counts, Millis};

/// A consistent view of one moment.
#[derive(Clone, Debug)]
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
    accepted: u64,
    /// For the metrics.
    refused: u64,
    /// For the metrics.
    tally: Tally,
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

/// What is counted beside the queue.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Workers that were launched.
    pub launched: u64,
    /// Workers that did not start, or died.
    pub failed: u64,
    /// How long items took until their first attempt.
    pub waiting: Histogram,
    /// How long attempts took until their slot was released.
    pub running: Histogram,
    /// How long browsers took until they were ready.
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

/// One worker, as `stats()` shows it.
#[derive(Clone, Debug)]
pub struct WorkerStats {
    pub id: u32,
    /// See [`crate::supervisor::WorkerView`].
    pub place: u32,
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
    pub(super) fn new(counts: Counts, tally: Tally, workers: Vec<WorkerStats>) -> Self {
        Self {
            waiting: counts.waiting,
            in_flight: counts.in_flight,
            fulfilled: counts.fulfilled,
            // To whom it was queued, an item that was refused is a rejected one.
            rejected: counts.rejected + counts.refused,
            aborted: counts.aborted,
            retried: counts.retried,
            timed_out: counts.timed_out,
            crashed: counts.crashed,
            workers,
            accepted: counts.accepted,
            refused: counts.refused,
            tally,
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
        family(
            &mut text,
            "boomtown_workers_memory_bytes",
            "gauge",
            "Memory of all workers' processes, when last measured.",
            &[("", self.workers.iter().map(|worker| worker.memory).sum())],
        );
        self.tally.metrics(&mut text);
        text
    }
}

impl Tally {
    fn metrics(&self, text: &mut String) {
        let Tally { launched, failed, waiting, running, launching } = self;
        family(text, "boomtown_workers_launched_total", "counter", "Workers that were launched.", &[("", *launched)]);
        family(
            text,
            "boomtown_workers_failed_total",
            "counter",
            "Workers that did not start, or died.",
            &[("", *failed)],
        );
        histogram(
            text,
            "boomtown_item_waiting_seconds",
            "From queueing an item to the start of its first attempt.",
            waiting,
        );
        histogram(
            text,
            "boomtown_attempt_running_seconds",
            "From the start of an attempt to the release of its slot; attempts that lost their worker are left out.",
            running,
        );
        histogram(
            text,
            "boomtown_worker_launching_seconds",
            "From the launch of a worker until it was ready.",
            launching,
        );
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
        // Those who compare the label compare its text.
        let end = seconds(end);
        let end = end.trim_end_matches('0').trim_end_matches('.');
        let _ = writeln!(text, "{name}_bucket{{le=\"{end}\"}} {total}");
    }
    let Histogram { count, sum, .. } = times;
    let _ = writeln!(text, "{name}_bucket{{le=\"+Inf\"}} {count}");
    let _ = write!(text, "{name}_sum {}\n{name}_count {count}\n", seconds(*sum));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics() -> String {
        let mut tally = Tally { launched: 2, failed: 1, ..Tally::default() };
        for took in [7, 800, 400_000] {
            tally.running.observe(took);
        }
        let worker = |id, memory| WorkerStats {
            id,
            place: id - 1,
            pid: None,
            state: "ready",
            engine: "cdp",
            browser: String::new(),
            items: 0,
            in_flight: 0,
            memory,
            uptime: 0,
        };
        Stats::new(Counts::default(), tally, vec![worker(1, 100), worker(2, 20)]).metrics()
    }

    #[test]
    fn every_sample_follows_the_help_and_the_type_of_its_family() {
        let text = metrics();
        let mut lines = text.lines().peekable();
        while let Some(help) = lines.next() {
            let (name, words) = help.strip_prefix("# HELP ").unwrap().split_once(' ').unwrap();
            assert!(!words.is_empty(), "{help}");
            let kind = lines.next().unwrap().strip_prefix(&format!("# TYPE {name} ")).unwrap();
            assert_eq!(kind == "counter", name.ends_with("_total"), "{name} is a {kind}");
            let mut samples = 0;
            while let Some(sample) = lines.next_if(|line| !line.starts_with('#')) {
                let (series, value) = sample.rsplit_once(' ').unwrap();
                let family = series.split('{').next().unwrap();
                let part = family.strip_prefix(name).unwrap();
                let parts: &[&str] = if kind == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
                assert!(parts.contains(&part) && value.parse::<f64>().is_ok(), "{sample}");
                samples += 1;
            }
            assert!(samples > 0, "{name} has samples");
        }
    }

    #[test]
    fn workers_have_one_series_however_many_there_are() {
        let text = metrics();
        for line in [
            "boomtown_workers_memory_bytes 120\n",
            "boomtown_workers_launched_total 2\n",
            "boomtown_workers_failed_total 1\n",
        ] {
            assert!(text.contains(line), "{line}");
        }
    }

    #[test]
    fn buckets_grow_up_to_the_count() {
        let text = metrics();
        for name in ["boomtown_item_waiting_seconds", "boomtown_attempt_running_seconds"] {
            let series = format!("{name}_bucket{{le=\"");
            let buckets = text.lines().filter_map(|line| line.strip_prefix(&series)?.split_once("\"} "));
            let buckets: Vec<(f64, u64)> = buckets.map(|(le, n)| (le.parse().unwrap(), n.parse().unwrap())).collect();
            assert!(buckets.is_sorted_by(|one, next| one.0 < next.0 && one.1 <= next.1), "{buckets:?}");
            let &(end, all) = buckets.last().unwrap();
            assert!(end.is_infinite() && text.contains(&format!("\n{name}_count {all}\n")), "{buckets:?}");
        }
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
        assert_eq!(value("t_bucket{le=\"1\"} "), "3");
        assert_eq!(value("t_bucket{le=\"300\"} "), "4");
        assert_eq!(value("t_bucket{le=\"+Inf\"} "), "5");
        assert_eq!((value("t_sum "), value("t_count ")), ("401.511".to_owned(), "5".to_owned()));
    }
}

//! How many items per second the queue alone can take, start and settle, without browsers and without Node:
//! `cargo bench --no-default-features --bench queue [-- ITEMS]`. "steady" is one item after the other; "backlog" accepts all
//! of them first, so that they wait, and then runs them.

use std::time::Instant;

use boomtown::queue::{
    Effect, ItemId, ItemOptions, Limits, Millis, Outcome, Queue, RetryDelay, SlotId, Verdict, WorkerId,
};

const SLOTS: u32 = 4;
const ITEMS: u64 = 2_000_000;
/// Items that share a millisecond, so that time passes as it would.
const ITEMS_PER_MILLI: u64 = 1000;
/// The default of a town.
const TIMEOUT: Millis = 30_000;
const NO_RETRIES: Limits = Limits {
    waiting: usize::MAX,
    timeout: Some(TIMEOUT),
    timeout_retries: None,
    error_retries: 0,
    crash_tries: 3,
    retry_delay: RetryDelay { min: 0, max: 0 },
};

/// A queue and the one who carries out its effects: whatever starts is fulfilled at once.
struct Town {
    queue: Queue,
    effects: Vec<Effect>,
    fulfilled: u64,
}

impl Town {
    fn new() -> Self {
        let mut queue = Queue::new(NO_RETRIES, 0);
        queue.set_handler(0, true);
        Self { queue, effects: Vec::new(), fulfilled: 0 }
    }

    fn open_slots(&mut self) {
        for worker in 0..SLOTS {
            self.queue.slot_ready(0, SlotId { worker: WorkerId(worker), index: 0 });
        }
    }

    fn accept(&mut self, item: u64) {
        let accepted = self.queue.enqueue(item / ITEMS_PER_MILLI, ItemId(item), ItemOptions::default());
        accepted.expect("the queue is open and has no limit");
    }

    fn run(&mut self, now: Millis) {
        loop {
            let mut effects = std::mem::take(&mut self.effects);
            effects.extend(self.queue.effects());
            if effects.is_empty() {
                return;
            }
            for effect in effects.drain(..) {
                self.carry_out(now, effect);
            }
            self.effects = effects;
        }
    }

    fn carry_out(&mut self, now: Millis, effect: Effect) {
        match effect {
            Effect::Start { attempt, .. } => self.queue.finished(now, attempt, Verdict::Fulfilled),
            Effect::Release { slot, .. } => self.queue.slot_ready(now, slot),
            Effect::Settled { outcome, .. } => self.fulfilled += u64::from(outcome == Outcome::Fulfilled),
            _ => {}
        }
    }
}

fn steady(items: u64) -> u64 {
    let mut town = Town::new();
    town.open_slots();
    for item in 0..items {
        town.accept(item);
        town.run(item / ITEMS_PER_MILLI);
    }
    town.fulfilled
}

fn backlog(items: u64) -> u64 {
    let mut town = Town::new();
    for item in 0..items {
        town.accept(item);
    }
    town.open_slots();
    town.run(items / ITEMS_PER_MILLI);
    town.fulfilled
}

fn measure(name: &str, items: u64, load: fn(u64) -> u64) {
    let start = Instant::now();
    let fulfilled = load(items);
    let nanos = start.elapsed().as_nanos().max(1);
    assert_eq!(fulfilled, items, "{name}: every item must be fulfilled");
    println!("{name}: {} items/s", u128::from(items) * 1_000_000_000 / nanos);
}

fn main() {
    // cargo itself adds `--bench`.
    let items = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let items = items.map_or(ITEMS, |number| number.parse().expect("the number of items must be a whole number"));
    measure("steady", items, steady);
    measure("backlog", items, backlog);
}

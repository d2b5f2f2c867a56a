//! What goes in and out of the queue besides the limits: identifiers, verdicts, effects and
//! outcomes.

/// Milliseconds since the town started.
pub type Millis = u64;

/// One queued item; chosen by the caller, never reused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ItemId(pub u64);

/// One try of one item; chosen by the queue in ascending order, never reused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct AttemptId(pub u64);

/// One supervised browser; chosen by the caller, never reused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct WorkerId(pub u32);

/// Room for one page in one worker.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct SlotId {
    /// The worker it belongs to.
    pub worker: WorkerId,
    /// Which of the worker's slots it is.
    pub index: u16,
}

/// Why an item was not accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// As many items wait as may, and this one would have had to wait too.
    Full,
    /// The queue is closed.
    Closed,
    /// The item had been aborted before it came.
    Aborted,
}

/// What the handler made of an attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The handler has given a result.
    Fulfilled,
    /// The handler has given an error.
    Failed,
}

/// How a worker went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Loss {
    /// The worker's browser died, perhaps because of what ran on it.
    Crashed,
    /// The worker was stopped, for no fault of what ran on it.
    Stopped,
}

/// What the caller has to do, or to tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Hand the item to the handler on this slot's page; `number` counts the item's attempts from
    /// 1, and `waited` is how long ago it was accepted.
    Start { item: ItemId, attempt: AttemptId, number: u32, slot: SlotId, waited: Millis },
    /// The attempt is over: destroy its page. The slot stays away until it is ready again. Not sent
    /// if the worker is gone.
    Release { attempt: AttemptId, slot: SlotId, reason: ReleaseReason },
    /// The attempt took too long.
    TimedOut { item: ItemId },
    /// The attempt is over and the item waits again.
    Retry { item: ItemId, reason: RetryReason },
    /// The item was accepted but could not start at once.
    Backlog { item: ItemId },
    /// The item has ended; exactly once for every accepted item.
    Settled { item: ItemId, outcome: Outcome },
    /// Nothing waits and nothing is in flight any more.
    Idle,
}

/// Why a page is to be destroyed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReleaseReason {
    /// The handler has ended the attempt.
    Done,
    /// The attempt took too long.
    TimedOut,
    /// The item was ended while the attempt ran.
    Aborted,
}

/// Why an item is tried again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RetryReason {
    /// The attempt took too long.
    Timeout,
    /// The handler failed.
    Error,
    /// The worker crashed.
    Crash,
    /// The worker was stopped.
    Stopped,
}

/// How an item ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The handler has given a result.
    Fulfilled,
    /// The handler failed in the last attempt it had.
    Failed,
    /// The last attempt it had took too long.
    TimedOut {
        /// How many attempts were started.
        attempts: u32,
    },
    /// The item's deadline came while it waited.
    Expired,
    /// The item took down as many browsers as one may.
    Crashed {
        /// How many that were.
        browsers: u32,
    },
    /// The caller has aborted the item.
    Aborted,
    /// The item's data cannot be brought to where it would run.
    Unsendable,
    /// The queue was closed before it could run, or run again.
    Closed,
    /// There is no browser to run the item.
    Unserved,
    /// The item was an acquired page, and its worker went.
    Lost,
}

/// How many items and attempts there are and were. At any time `accepted` is the sum of `waiting`,
/// `in_flight`, `fulfilled`, `rejected` and `aborted`.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    /// Items that were accepted.
    pub accepted: u64,
    /// Items that were not accepted, and had not been aborted before.
    pub refused: u64,
    /// Items that wait now, those under a retry delay included.
    pub waiting: u64,
    /// Items that have a running attempt now.
    pub in_flight: u64,
    /// Items that ended fulfilled.
    pub fulfilled: u64,
    /// Items that ended neither fulfilled nor aborted.
    pub rejected: u64,
    /// Items that ended aborted, those among them that had been before they came.
    pub aborted: u64,
    /// Attempts that were followed by a retry, for whatever reason.
    pub retried: u64,
    /// Attempts that took too long.
    pub timed_out: u64,
    /// Attempts whose browser crashed under them.
    pub crashed: u64,
}

//! boomtown runs browser pages for Node programs: a queue of items, supervised browsers, and the engines that drive
//! them.
//!
//! # Layout
//!
//! Dependencies point downwards: what is further down in this list knows nothing of what is above it.
//!
//! * `binding`: the Node addon, a translation without logic.
//! * [`town`]: one actor that owns the queue and the workers; every call and every report is one step of it.
//! * [`queue`]: a pure state machine that decides which item runs when, where and how often.
//! * [`supervisor`]: launches, watches, replaces and ends browsers with their whole process trees.
//! * [`engine`]: the traits of browsers and pages, and their two implementations, `cdp` and `webdriver`.
//! * [`error`]: the one error type, whose codes are the public ones.

pub mod engine;
pub mod error;
pub mod queue;
pub mod supervisor;
pub mod town;

#[cfg(feature = "node")]
mod binding;

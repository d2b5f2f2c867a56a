//! boomtown runs browser pages for Node programs: a queue of items, supervised browsers, and the engines that drive
//! them. Dependencies point downwards: `binding` -> `town` -> `queue`, `supervisor` -> `engine`.

pub mod engine;
pub mod error;
pub mod queue;
pub mod supervisor;
pub mod town;

#[cfg(feature = "node")]
mod binding;

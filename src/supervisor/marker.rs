//! The environment variables by which processes are known as a town's, whatever session they have moved to.

/// Of a browser, its driver, and all that they start: the town's name, a dot, and the worker's number.
pub const MARKER: &str = "BOOMTOWN_TOWN";
/// Of the town's watchdog, which must not kill itself: the town's name.
pub const WATCHDOG_MARKER: &str = "BOOMTOWN_WATCHDOG";

//! The environment variables by which processes are known as a town's, whatever session they have moved to.

/// In the environment of a browser, its driver and their descendants. Its value is `TOWN.WORKER`: the town's name, and the
/// worker's number.
pub const MARKER: &str = "BOOMTOWN_TOWN";
/// In the environment of the town's watchdog, which kills what has [`MARKER`] and must not kill itself. Its value is the town's
/// name.
pub const WATCHDOG_MARKER: &str = "BOOMTOWN_WATCHDOG";

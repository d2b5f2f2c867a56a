// What a command ends with whose arguments are wrong: it is told with the command's usage.

class UsageError extends Error {}

module.exports = { UsageError };

// Events whose listeners cannot disturb the town: what one throws is the program's uncaught exception, on its own tick.

/**
 * @param {import("node:events").EventEmitter} emitter
 * @param {string} event
 * @param {...unknown} args
 */
function emitSafely(emitter, event, ...args) {
  try {
    emitter.emit(event, ...args);
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}

module.exports = { emitSafely };

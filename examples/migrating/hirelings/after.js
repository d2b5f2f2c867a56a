const boomtown = require("boomtown");

const town = boomtown({ mode: "cluster", workerCount: 2, workerDeath: 10, errorTries: 1, pageDeath: 10_000 });

if (town.isMaster) {
  const items = [60, 97, 1_000_001].map((number) =>
    town.queue({ number }).then((result) => console.log(`${number} = ${result.join(" x ")}`), console.error),
  );
  Promise.all(items).finally(() => town.close());
} else {
  town.on("queue", (_page, { number }, next) => next(null, factors(number)));
}

/** @param {number} number @returns {number[]} */
function factors(number) {
  for (let factor = 2; factor * factor <= number; factor += 1) {
    if (number % factor === 0) return [factor, ...factors(number / factor)];
  }
  return [number];
}

const { Pool, Worker } = require("hirelings");

if (process.send) {
  const worker = new Worker();
  worker.on("init", () => worker.ready());
  worker.on("job", ({ number }) => {
    worker.start();
    worker.success(factors(number));
    worker.ready();
  });
} else {
  const pool = new Pool({
    module: __filename,
    max_processes: 2,
    max_jobs_per_process: 10,
    retries: 1,
    timeout_working: 10_000,
  });
  for (const number of [60, 97, 1_000_001]) {
    pool.enqueue({ number }, (error, result) => console.log(error ?? `${number} = ${result.join(" x ")}`));
  }
  pool.on("idle", () => pool.exit());
}

function factors(number) {
  for (let factor = 2; factor * factor <= number; factor += 1) {
    if (number % factor === 0) return [factor, ...factors(number / factor)];
  }
  return [number];
}

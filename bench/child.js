// The process of one contestant's turn: does what its argument says and prints what it has measured as one line of JSON.

const kinds = require("./kinds");

/** @type {import("./work.js").Turn} */
const turn = JSON.parse(process.argv[2]);

kinds[turn.kind]()
  .measure(turn)
  .then(
    (measured) => process.stdout.write(`${JSON.stringify(measured)}\n`),
    (error) => {
      console.error(error);
      process.exitCode = 1;
    },
  );

// The forked workers of a town, in the process that has the queue: they are forked, sent attempts, heard and ended here. What
// becomes of them is decided by the core, to which each is a worker like any other.

const fs = require("node:fs");
const os = require("node:os");
// Node's own, whatever a program's tests put in its place.
const { clearTimeout, setImmediate, setTimeout } = require("node:timers");
const { Channel, VARIABLE: CHANNEL, withChannel } = require("./channel.js");
const { VARIABLE, cluster, newMark } = require("./identity.js");
const { unpack, unpackThrown } = require("./serialize.js");
const { VARIABLE: TEMPORARY } = require("../temporary.js");

/** What can no longer be reached is of no use, and gets so many milliseconds to end by itself. */
const DISCONNECTED = 1000;
/** More than a fork needs. Of one that fails for want of descriptors Node never closes the socket. */
const DESCRIPTORS = 8;

/** @typedef {import("../town/attempt.js").AttemptOutcome} AttemptOutcome */

/** @typedef {import("../town/item.js").Task} Task */

/**
 * The part of the core that hears of forks.
 * @typedef {Pick<import("../native.js").Core, "forkStarted" | "forkReady" | "forkSpent" | "forkPage" | "forkDown" | "forkBlameless" |
 *   "forkHeard" | "forkEnded">} ForkCore
 */

class Forks {
  #core;
  #town;
  /** Forked already, for workers that the core has yet to ask for. @type {Fork[]} */
  #spare = [];
  /** By the numbers of their workers. @type {Map<number, Fork>} */
  #forks = new Map();

  /** The town is stopped: what the core has asked for before it knew is not forked any more. */
  #discarded = false;
  /** The processes that have not ended. @type {Set<Fork>} */
  #living = new Set();
  #grace;
  #why;
  #temporary;
  #mayFork;
  #refused;
  #forked;

  /**
   * @param {ForkCore} core
   * @param {object} how
   * @param {number} how.town its number
   * @param {number} how.grace milliseconds for a process to end by itself
   * @param {string} how.why handlers run in forks
   * @param {string} how.temporary the folder for temporary files, which a fork's own current folder does not change
   * @param {() => boolean} how.mayFork whether the program lets it fork again
   * @param {() => void} how.refused is called when a worker that the core wanted is not forked, because the program has switched that off
   * @param {import("../contract.js").Contract} how.contract
   */
  constructor(core, { town, grace, why, temporary, mayFork, refused, contract }) {
    this.#mayFork = () => mayFork() && this.#isListening(contract);
    this.#refused = refused;
    this.#forked = contract.forked;
    if (contract.forksOnExit) cluster.on("exit", this.#onExit);
    this.#core = core;
    this.#town = town;
    this.#grace = grace;
    this.#why = why;
    this.#temporary = temporary;
  }

  /** Forks so many at once; they are workers as soon as the core asks for them. @param {number} count */
  prepare(count) {
    this.#discarded = false;
    while (this.#spare.length + this.#forks.size < count) this.#spare.push(this.#fork());
  }

  /** The core hears of exits otherwise. This listener is for programs that remove it, as with ghost-town, to have no forks any more. */
  #onExit = () => {};

  /** @param {import("../contract.js").Contract} contract */
  #isListening({ forksOnExit }) {
    return !forksOnExit || cluster.listeners("exit").includes(this.#onExit);
  }

  /** The core tells those by a signal to end that are ready, and kills any other. */
  terminate() {
    this.discard();
    for (const fork of this.#living) fork.callOff();
  }

  /** What has been prepared and not been asked for is not needed any more. */
  discard() {
    this.#discarded = true;
    for (const fork of this.#spare.splice(0)) fork.end(this.#grace);
  }

  /** Resolves when every process has ended. */
  async gone() {
    cluster.off("exit", this.#onExit);
    await Promise.all([...this.#living].map((fork) => fork.ended));
  }

  /** What the core asks for. @param {number} worker @param {import("../native.js").CoreForkOrder} order @param {number} place the worker's */
  order(worker, order, place) {
    if (order === "start") this.#start(worker, place);
    else if (order === "hear") this.#hear(worker);
    else if (order === "close") this.#forks.get(worker)?.close();
    else this.#forks.get(worker)?.end(this.#grace);
  }

  /** @param {number} worker */
  async #hear(worker) {
    await this.#forks.get(worker)?.heard();
    this.#core.forkHeard(worker);
  }

  #fork() {
    const fork = new Fork({ [VARIABLE]: newMark(this.#town), [TEMPORARY]: this.#temporary });
    this.#living.add(fork);
    fork.ended.then(() => this.#living.delete(fork));
    if (fork.worker) this.#forked?.(fork.worker);
    return fork;
  }

  /**
   * Sends an attempt to its worker.
   * @param {{ worker: number, slot: number }} place
   * @param {Task} task
   */
  run({ worker, slot }, task) {
    const attempt = new ForkedAttempt(task, (reason) => this.#forks.get(worker)?.cut(task.attempt, reason));
    // One that has just gone has its attempts taken back.
    this.#forks.get(worker)?.run(slot, task, attempt);
    return attempt;
  }

  /** @param {number} worker @param {string} why it is not forked */
  #refuse(worker, why) {
    this.#core.forkDown(worker, why, false, false);
    this.#core.forkEnded(worker);
  }

  /** @param {number} worker @param {number} place */
  #start(worker, place) {
    if (this.#discarded) return this.#refuse(worker, "the town is stopped");
    if (this.#spare.length === 0 && !this.#mayFork()) {
      this.#refuse(
        worker,
        "the program has taken away what forks again: isRunning, or the town's listener of cluster's exit event",
      );
      this.#refused();
      return;
    }
    const fork = this.#spare.shift() ?? this.#fork();
    this.#forks.set(worker, fork);
    fork.start({ worker, place, why: this.#why });
    fork.tell({
      started: (pid, marker) => this.#core.forkStarted(worker, pid, marker),
      ready: (version, slots) => this.#core.forkReady(worker, version, slots),
      spent: () => this.#core.forkSpent(worker),
      page: (slot) => this.#core.forkPage(worker, slot),
      blameless: () => this.#core.forkBlameless(worker),
      down: ({ message, permanent = false, code }) =>
        this.#core.forkDown(worker, message, permanent, code === "ERR_BROWSER_NOT_FOUND"),
      ended: () => {
        this.#forks.delete(worker);
        this.#core.forkEnded(worker);
      },
    });
  }
}

/**
 * Who hears of a fork.
 * @typedef {object} Listener
 * @property {(pid: number, marker: string) => void} started
 * @property {(version: string, slots: number) => void} ready
 * @property {() => void} spent it takes no more items
 * @property {(slot: number) => void} page
 * @property {() => void} blameless it is about to end by what none of its items has done
 * @property {(why: { message: string, permanent?: boolean, code?: string }) => void} down it cannot go on
 * @property {() => void} ended
 */

class Fork {
  #worker;
  /** @type {InstanceType<typeof Channel> | undefined} */
  #channel;
  /** What was heard before anybody listened. @type {((listener: Listener) => void)[]} */
  #news = [];
  /** @type {Listener | undefined} */
  #listener;
  /** The attempts that run in the process, by their numbers. @type {Map<number, ForkedAttempt>} */
  #attempts = new Map();
  /** Whether the process has a town that listens. */
  #speaks = false;
  /** Whether the process's browser is up and a handler is there. */
  #ready = false;
  /** Whether the process was asked if everything is heard that it has sent, and has yet to answer. */
  #asked = false;

  /** @param {Record<string, string>} environment */
  constructor(environment) {
    /** @type {() => void} */
    let end = () => {};
    /** Resolves when the process has ended. @type {Promise<void>} */
    this.ended = new Promise((resolve) => {
      end = resolve;
    });
    this.ended.then(() => this.#tell((to) => to.ended()));
    const { worker, place } = fork(environment, (error) => {
      this.#tell((to) => to.down({ message: `no worker process can be started: ${error.message}` }));
      end();
    });
    this.#worker = worker;
    if (!this.#worker) return;
    const { pid } = this.#worker.process;
    if (pid !== undefined) this.#tell((to) => to.started(pid, `${VARIABLE}=${environment[VARIABLE]}`));
    const { stdio } = this.#worker.process;
    this.#channel = new Channel(/** @type {any} */ (stdio)[place], (message) => this.#receive(message));
    this.#worker.on("error", (error) => {
      this.#tell((to) => to.down({ message: `the worker process failed: ${error.message}` }));
      // One that was never there does not exit.
      if (pid !== undefined) return;
      delete cluster.workers?.[/** @type {any} */ (this.#worker).id];
      end();
    });
    this.#worker.on("disconnect", () => this.#disconnected());
    this.#worker.once("exit", async (code, signal) => {
      await this.#lastWords();
      const how = signal ? `was ended by ${signal}` : `exited with code ${code}`;
      const early = this.#ready
        ? ""
        : ` before it was ready; see what ${cluster.settings.exec ?? process.argv[1]} has printed`;
      this.#tell((to) => to.down({ message: `the worker process ${how}${early}` }));
      end();
    });
  }

  /** As cluster has it, unless nothing could be forked. */
  get worker() {
    return this.#worker;
  }

  /**
   * It may launch its browser: the core lets few at a time do so, which are up the sooner.
   * @param {{ worker: number, place: number, why: string }} told its number and place, and why it is there
   */
  start(told) {
    this.#send({ kind: "start", ...told });
  }

  /** Everything that has happened, and that will. @param {Listener} listener */
  tell(listener) {
    this.#listener = listener;
    for (const news of this.#news.splice(0)) news(listener);
  }

  /** @param {number} slot @param {Task} task @param {ForkedAttempt} attempt */
  run(slot, { attempt: number, id, number: which, data }, attempt) {
    this.#attempts.set(number, attempt);
    this.#send({ kind: "run", slot, attempt: number, id, number: which, data });
  }

  /** @param {number} attempt @param {string} reason */
  cut(attempt, reason) {
    if (this.#attempts.delete(attempt)) this.#send({ kind: "end", attempt, reason });
  }

  close() {
    this.#send({ kind: "close" });
  }

  /** Ends the process, in which nothing runs. @param {number} grace milliseconds before it is killed */
  end(grace) {
    // Whoever waits for the end waits for this process.
    this.#worker?.process.ref();
    // A script that still loads has nothing yet, and would not hear that it is to end.
    if (this.#speaks) this.close();
    else this.callOff();
    const late = setTimeout(() => this.#kill(), grace);
    this.ended.then(() => clearTimeout(late));
  }

  /** Ends a process that has not become ready, and need not. */
  callOff() {
    if (!this.#ready) this.#worker?.process.kill("SIGTERM");
  }

  #kill() {
    this.#worker?.process.kill("SIGKILL");
  }

  /** Resolves when what the process had sent is read. */
  async heard() {
    if (!this.#asked) this.#send({ kind: "hear" });
    this.#asked = true;
    // One that computes sends nothing, not even the answer.
    await this.#channel?.quiet(() => !this.#asked);
  }

  /** What the process has said before its end is read; the channel ends with the process, unless a descendant has kept it open. */
  async #lastWords() {
    /** @type {NodeJS.Timeout | undefined} */
    let late;
    const kept = new Promise((resolve) => {
      late = setTimeout(resolve, DISCONNECTED);
    });
    await Promise.race([this.#channel?.ended, kept]);
    clearTimeout(late);
    this.#channel?.close();
  }

  /** A process whose channel is gone ends by itself, as every process does that cluster has forked, unless a handler keeps it busy. */
  #disconnected() {
    const late = setTimeout(() => this.#kill(), DISCONNECTED).unref();
    this.ended.then(() => clearTimeout(late));
  }

  /** @param {(listener: Listener) => void} news */
  #tell(news) {
    if (this.#listener) news(this.#listener);
    else this.#news.push(news);
  }

  /** @param {any} told */
  #receive(told) {
    switch (told.kind) {
      case "here":
        this.#speaks = true;
        break;
      case "ready":
        this.#ready = true;
        this.#tell((to) => to.ready(told.version, told.slots));
        break;
      case "heard":
        this.#asked = false;
        break;
      case "spent":
        // After the callbacks of the results that came before.
        setImmediate(() => this.#tell((to) => to.spent()));
        break;
      case "page":
        this.#tell((to) => to.page(told.slot));
        break;
      case "blameless":
        this.#tell((to) => to.blameless());
        break;
      case "down":
        this.#tell((to) => to.down(told));
        break;
      case "progress":
        this.#attempts.get(told.attempt)?.receive(told.value);
        break;
      case "done": {
        const attempt = this.#attempts.get(told.attempt);
        this.#attempts.delete(told.attempt);
        attempt?.finish(outcomeOf(told));
        break;
      }
    }
  }

  /** @param {object} message */
  #send(message) {
    // Whoever cannot be reached any more has ended, and that is told otherwise.
    this.#channel?.send(message);
  }
}

/** An attempt that runs in a fork, as the town sees it. */
class ForkedAttempt {
  /** @type {AttemptOutcome | undefined} */
  outcome;
  #task;
  #end;

  /** @param {Task} task @param {(reason: string) => void} end */
  constructor(task, end) {
    this.#task = task;
    this.#end = end;
  }

  /** @param {Buffer} packed progress */
  receive(packed) {
    let value;
    try {
      value = unpack(packed, "next.progress: value");
    } catch (error) {
      // Nobody waits for it, and the item goes on.
      process.emitWarning(/** @type {Error} */ (error));
      return;
    }
    this.#task.progress(value);
  }

  /** @param {AttemptOutcome} outcome */
  finish(outcome) {
    this.outcome = outcome;
    this.#task.done(outcome);
  }

  /** What is under way there is not known here. @returns {readonly string[]} */
  get pending() {
    return [];
  }

  /** @param {string} reason */
  end(reason) {
    this.#end(reason);
  }
}

/**
 * @param {{ fulfilled: boolean, value: Buffer, thrown: import("./serialize.js").PackedThrown, answered?: boolean }} told
 * @returns {AttemptOutcome}
 */
function outcomeOf({ fulfilled, value, thrown, answered }) {
  try {
    if (answered) {
      const [error, result] = [unpackThrown(thrown), unpack(value, "the handler's result")];
      return { fulfilled, value: fulfilled ? result : error, answer: [error, result] };
    }
    return { fulfilled, value: fulfilled ? unpack(value, "the handler's result") : unpackThrown(thrown) };
  } catch (error) {
    return { fulfilled: false, value: error };
  }
}

/**
 * Forks the program once more, as the program has set cluster up, but with a channel for the town's own messages.
 * @param {Record<string, string>} environment
 * @param {(error: Error) => void} failed
 * @returns {{ worker?: import("node:cluster").Worker, place: number }} the channel's place among its streams
 */
function fork(environment, failed) {
  const { settings } = cluster;
  const { stdio: own } = settings;
  const { stdio, place } = withChannel(settings);
  try {
    demandDescriptors();
    settings.stdio = stdio;
    const worker = cluster.fork({ ...environment, [CHANNEL]: place });
    // A town without work does not keep the program alive.
    worker.process.unref();
    /** @type {any} */ (worker.process).channel?.unref();
    for (const stream of worker.process.stdio ?? []) /** @type {any} */ (stream)?.unref?.();
    return { worker, place };
  } catch (error) {
    failed(/** @type {Error} */ (error));
    return { place };
  } finally {
    for (const each of [settings, cluster.settings]) {
      if (own === undefined) delete each.stdio;
      else each.stdio = own;
    }
  }
}

/** Throws if there are too few for a fork. */
function demandDescriptors() {
  const opened = [];
  try {
    while (opened.length < DESCRIPTORS) opened.push(fs.openSync(os.devNull, "r"));
  } finally {
    for (const descriptor of opened) fs.closeSync(descriptor);
  }
}

module.exports = { Forks };

// puppeteer-cluster's Cluster: jobs for a task, or each with a task of its own, which run on the pages of a town.

const { EventEmitter } = require("node:events");
const { emitSafely } = require("../emit.js");
const { fail } = require("../errors.js");
const { makeTown } = require("../town/make.js");
const v = require("../validate.js");
const { Growth } = require("./growth.js");
const { Caller, Job } = require("./job.js");
const { Monitor } = require("./monitor.js");
const { BROWSER, CONTEXT, PAGE, clusterOptions, launches, shape, townOptions } = require("./options.js");
const { isOwn, pagesBy, pluggedIn } = require("./pages.js");
const { Schedule } = require("./schedule.js");

/** @typedef {InstanceType<typeof import("../page/index.js").Page>} Page */
/** @typedef {import("../town/attempt.js").Next} Next */
/** What the town's items are. @typedef {(page: Page, place: number) => Promise<unknown>} Work */

/** @param {string} message */
function warn(message) {
  process.emitWarning(Object.assign(new Error(message), { name: "BoomtownWarning" }));
}

class Cluster extends EventEmitter {
  /** Pages share cookies and storage. */
  static CONCURRENCY_PAGE = PAGE;
  /** They share nothing. */
  static CONCURRENCY_CONTEXT = CONTEXT;
  /** Nor a browser. */
  static CONCURRENCY_BROWSER = BROWSER;

  #options;
  #town;
  #schedule;
  #growth;
  #pages;
  /** Of each worker's browser, where they differ. */
  #pagesOf;
  /** @type {Function | undefined} */
  #task;
  /** Jobs that have failed for good. */
  #errors = 0;
  /** The greatest number of a worker that has had a job, and one. */
  #workers = 0;
  /** For the next job's end. @type {InstanceType<typeof Caller>[]} */
  #waitingForOne = [];
  /** @type {Promise<void> | undefined} */
  #closed;
  /** @type {InstanceType<typeof Monitor> | undefined} */
  #monitor;

  /** @param {unknown} [options] */
  static async launch(options) {
    const cluster = new Cluster(await pluggedIn(options));
    try {
      await cluster.#town.ready();
    } catch (cause) {
      await cluster.close();
      const { code, message } = /** @type {import("../errors.js").CodedError} */ (cause);
      throw fail(code, `Unable to launch browser, error message: ${message}`, { cause });
    }
    return cluster;
  }

  /** @param {unknown} options */
  constructor(options) {
    super();
    this.#options = clusterOptions(options, warn);
    const { workerCreationDelay, sameDomainDelay, skipDuplicateUrls, monitor } = this.#options;
    const { limit, workers, pages } = shape(this.#options);
    const { each, all } = launches(this.#options);
    this.#pagesOf = each?.map((launch) => pagesBy(this.#options, launch));
    this.#pages = pagesBy(this.#options, all);
    this.#schedule = new Schedule(
      { limit, pause: sameDomainDelay, skipsDuplicates: skipDuplicateUrls },
      { begin: (job, worker) => this.#run(job, worker), skip: (job) => this.#skip(job) },
    );
    this.#town = makeTown(townOptions(this.#options, isOwn(this.#options), warn));
    this.#town.on("queue", (/** @type {Page} */ page, /** @type {Work} */ work, /** @type {Next} */ next) =>
      work(page, next.worker.place),
    );
    this.#growth = new Growth(this.#town, { most: workers, pages, pause: workerCreationDelay });
    if (monitor) this.#monitor = new Monitor(() => this.#progress());
  }

  /** @param {Function} task for all jobs that have none of their own */
  async task(task) {
    this.#task = v.argument("cluster.task", "taskFunction", v.func({ required: true }), task);
  }

  /** @param {any} data @param {Function} [task] */
  async queue(data, task) {
    this.#add(newJob("queue", data, task));
  }

  /** @param {any} data @param {Function} [task] @returns {Promise<any>} what the task gives */
  execute(data, task) {
    const caller = new Caller();
    try {
      this.#add(newJob("execute", data, task, caller));
    } catch (error) {
      caller.reject(error);
    }
    return caller.result;
  }

  /** Resolves when no job waits or runs. */
  idle() {
    return this.#schedule.idle();
  }

  /** The data of the job that ends next, however it does. @returns {Promise<any>} */
  waitForOne() {
    const caller = new Caller();
    this.#waitingForOne.push(caller);
    if (this.#closed) this.#giveUpWaiting();
    return caller.result;
  }

  /** Ends the browsers, and with them the jobs that run. */
  async close() {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  async #close() {
    this.#growth.close();
    const left = [...this.#schedule.running, ...this.#schedule.close()];
    for (const job of left) job?.caller?.leave(closed("the job has no result"));
    this.#giveUpWaiting();
    await this.#town.close({ timeout: 0 });
    this.#monitor?.close();
  }

  #giveUpWaiting() {
    for (const caller of this.#waitingForOne.splice(0)) caller.leave(closed("no job ends any more"));
  }

  /** @param {InstanceType<typeof Job>} job */
  #add(job) {
    if (!this.#closed) this.#schedule.add(job);
    emitSafely(this, "queue", job.data, job.task);
    if (!this.#closed) return this.#growth.want(this.#schedule.open);
    const error = closed("the job is not accepted");
    if (job.caller) job.caller.leave(error);
    else emitSafely(this, "taskerror", error, job.data, false);
  }

  /** @param {InstanceType<typeof Job>} job */
  #skip(job) {
    job.caller?.resolve();
    this.#schedule.over();
  }

  /** @param {InstanceType<typeof Job>} job @param {number} worker */
  async #run(job, worker) {
    this.#workers = Math.max(this.#workers, worker + 1);
    try {
      const result = await this.#attempt(job, worker);
      job.caller?.resolve(result);
      this.#schedule.over();
    } catch (error) {
      this.#failed(job, error);
    }
    for (const { resolve } of this.#waitingForOne.splice(0)) resolve(job.data);
    this.#schedule.free(worker);
  }

  /** @param {InstanceType<typeof Job>} job @param {number} worker */
  async #attempt(job, worker) {
    const task = job.task ?? this.#task;
    if (!task) throw fail("ERR_INVALID_OPTION", "No task function defined!");
    /** @type {Promise<unknown> | undefined} */
    let work;
    /** @type {Work} */
    const attempt = (page, place) => {
      work = this.#work(task, page, job.data, worker, place);
      return work;
    };
    const item = this.#town.queue(attempt);
    try {
      return await item;
    } catch (error) {
      const { code, id } = /** @type {import("../errors.js").CodedError} */ (error ?? {});
      if (id !== item.id) throw error;
      // A task that has closed the cluster goes on, and so does any other without its page.
      if (code === "ERR_TOWN_CLOSED" && work) return await work;
      if (code !== "ERR_ITEM_TIMEOUT") throw error;
      throw fail(code, `Timeout hit: ${this.#options.timeout}`, { cause: error });
    }
  }

  /** @param {Function} task @param {Page} page @param {unknown} data @param {number} worker @param {number} place its browser's */
  async #work(task, page, data, worker, place) {
    // Where browsers differ, a task knows by its worker which one it has.
    const [pages, id] = this.#pagesOf ? [this.#pagesOf[place], place] : [this.#pages, worker];
    return await task({ page: await pages(page), data, worker: { id } });
  }

  /** @param {InstanceType<typeof Job>} job @param {any} error */
  #failed(job, error) {
    // It has not begun, as those that are left when the cluster is closed.
    if (this.#closed && error?.code === "ERR_TOWN_CLOSED") return;
    job.failures += 1;
    const { retryLimit, retryDelay } = this.#options;
    const again = !job.caller && !this.#closed && job.failures <= retryLimit;
    if (job.caller) job.caller.reject(error);
    else emitSafely(this, "taskerror", error, job.data, again);
    if (again) return this.#schedule.again(job, retryDelay);
    this.#errors += 1;
    this.#schedule.over();
  }

  #progress() {
    const { running, total, open } = this.#schedule;
    const workers = running.slice(0, this.#workers).map((job) => job && (job.url ?? "UNKNOWN TARGET"));
    return { done: total - open, total, errors: this.#errors, workers };
  }
}

/**
 * @param {string} method
 * @param {any} data of the job, or its task alone
 * @param {Function | undefined} task
 * @param {InstanceType<typeof Caller>} [caller]
 */
function newJob(method, data, task, caller) {
  if (typeof data === "function") return new Job(undefined, data, caller);
  return new Job(data, v.argument(`cluster.${method}`, "taskFunction", v.func(), task), caller);
}

/** @param {string} what */
const closed = (what) => fail("ERR_TOWN_CLOSED", `${what}: the cluster is closed`);

module.exports = { Cluster };

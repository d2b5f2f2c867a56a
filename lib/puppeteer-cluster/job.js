// One job of a cluster: what is given to the task, the task if the job has its own, and who waits for the result.

/** Who waits for the result of a job, as `execute` does. */
class Caller {
  /** @type {(result?: any) => void} */
  resolve = () => {};
  /** @type {(error: unknown) => void} */
  reject = () => {};
  /** @type {Promise<any>} */
  result = new Promise((resolve, reject) => {
    [this.resolve, this.reject] = [resolve, reject];
  });

  /** That there is no result is not the program's fault, which needs not hear of it. @param {Error} error */
  leave(error) {
    this.result.catch(() => {});
    this.reject(error);
  }
}

class Job {
  /** Attempts that have failed. */
  failures = 0;
  /** Its turn has come before, and it was no duplicate. */
  wasSeen = false;

  /**
   * @param {unknown} data
   * @param {Function | undefined} task in place of the cluster's
   * @param {Caller} [caller]
   */
  constructor(data, task, caller) {
    this.data = data;
    this.task = task;
    this.caller = caller;
    /** The data themselves or their `url`, by which a job is a duplicate of another. */
    this.url = urlOf(data);
  }

  /** Of its URL, if that is one. */
  get host() {
    const { url } = this;
    return url && URL.canParse(url) ? new URL(url).hostname || undefined : undefined;
  }
}

/** @param {any} data @returns {string | undefined} */
function urlOf(data) {
  const url = typeof data === "string" ? data : data?.url;
  return typeof url === "string" && url !== "" ? url : undefined;
}

module.exports = { Caller, Job };

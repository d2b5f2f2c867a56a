// Puppeteer's own page for a page of ours: puppeteer-core as a second client of the browser, over the connection that the core
// has. The core shows it this one page and the pages opened from it.

/** A connection as Puppeteer wants it. */
class Transport {
  /** @type {((message: string) => void) | undefined} */
  onmessage;
  /** @type {(() => void) | undefined} */
  onclose;
  #relay;
  #ended;

  /** @param {import("./core.js").Relay} relay @param {() => void} ended */
  constructor(relay, ended) {
    this.#relay = relay;
    this.#ended = ended;
  }

  /** @param {string} message */
  send(message) {
    this.#relay.send(message);
  }

  close() {
    this.#relay.close();
  }

  /** @type {import("./core.js").Receive} */
  receive(message) {
    if (message !== undefined) return void this.onmessage?.(message);
    this.#ended();
    this.onclose?.();
  }
}

/**
 * @param {(receive: import("./core.js").Receive) => Promise<import("./core.js").Relay>} open
 * @param {(message: string) => Error} unsupported
 * @param {() => void} ended called when the connection has ended, or could not be had
 * @returns {Promise<any>} a Page of puppeteer-core
 */
async function connectPuppeteer(open, unsupported, ended) {
  /** @type {Transport | undefined} */
  let transport;
  try {
    transport = new Transport(await open((message) => transport?.receive(message)), ended);
    const { connect } = await load(unsupported);
    // Without a viewport of Puppeteer's the page keeps the one that it has.
    const browser = await connect({ transport, defaultViewport: null });
    const page = await browser.targets()[0].page();
    page.on("dialog", (/** @type {any} */ dialog) => {
      // Only this listener: nobody answers, and the page would wait for ever.
      if (page.listenerCount("dialog") === 1) dialog.accept();
    });
    return page;
  } catch (error) {
    transport?.close();
    ended();
    throw error;
  }
}

/** @param {(message: string) => Error} unsupported */
async function load(unsupported) {
  try {
    const { default: puppeteer } = await import("puppeteer-core");
    return puppeteer;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw unsupported(
      "page.puppeteer: the package puppeteer-core is not installed beside boomtown; run `npm install puppeteer-core`",
    );
  }
}

module.exports = { connectPuppeteer };

// What must compile and what must not, for users of index.d.ts. Checked by tsc alone; nothing here runs.

import boomtown, { type BoomtownError, type Handler, type Item, type Page, Town } from "boomtown";
import { Cluster } from "boomtown/puppeteer-cluster";

import required = require("boomtown");

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(equal: Equal<A, B>): void;

interface Card {
  html: string;
  width: number;
}

// The factory, however it is imported.
const town = boomtown<Card, Buffer>({ workerCount: 2, workerDeath: Infinity, retryDelay: { min: 10, max: 1000 } });
same<typeof town, Town<Card, Buffer>>(true);
same<typeof required, typeof boomtown>(true);
boomtown({ browser: (worker, place) => ({ args: [`--a=${worker.toFixed()}`, `--b=${place.toFixed()}`] }) });
boomtown({ browser: async () => ({}) });
// @ts-expect-error options are an object
boomtown({ browser: () => "chromium" });
const untyped = required();
// biome-ignore lint/suspicious/noExplicitAny: it is what is tested
same<typeof untyped, required.Town<any, any>>(true);
boomtown({ browser: { name: "firefox", stdio: (line, stream, worker) => console.log(line, stream, worker + 1) } });
const byName: boomtown.Page | boomtown.Item = null as unknown as Page | Item;
void byName;

// @ts-expect-error an option of the wrong type
boomtown({ workerCount: "4" });
// @ts-expect-error an unknown option
boomtown({ workercount: 4 });
// @ts-expect-error no such mode
boomtown({ mode: "threads" });
// @ts-expect-error no such browser
boomtown({ browser: { name: "lynx" } });
// @ts-expect-error a retry delay needs both bounds
boomtown({ retryDelay: { min: 1 } });
// @ts-expect-error a town is made by the factory
new Town();

// Queueing.
same<ReturnType<typeof town.queue>, Item<Card, Buffer>>(true);
const card: Card = { html: "", width: 1 };
town.queue(card);
town.queue(card, { priority: 1, signal: new AbortController().signal, deadline: 5 });
town.queue(card, (error, result) => {
  same<typeof result, Buffer | undefined>(true);
  if (error) console.log(error.message);
});
town.queue(card, true, (_error, result) => result?.length);
// @ts-expect-error the data's type
town.queue({ html: 5, width: 1 });
// @ts-expect-error an unknown option
town.queue(card, { prio: 1 });
// @ts-expect-error asap alone needs its callback
town.queue(card, true);

// Handlers and events.
town.on("queue", async (page, data, next) => {
  same<typeof page, Page>(true);
  same<typeof data, Card>(true);
  same<typeof next.signal, AbortSignal>(true);
  next.progress({ percent: 50 });
  return page.screenshot({ type: "jpeg", quality: 80 });
});
town.on("queue", (_page, _data, next) => {
  next(null, Buffer.alloc(1));
  next(new Error("no"));
  next();
});
const handler: Handler<Card, Buffer> = (page) => page.pdf();
town.on("queue", handler).off("queue", handler);
// @ts-expect-error the result's type
town.on("queue", async () => "text");
town.on("queue", (_page, _data, next) => {
  // @ts-expect-error the result's type
  next(null, "text");
});
town.on("workerExit", (worker, reason) => console.log(worker.id + 1, reason.length));
town.on("workerReady", ({ pid }) => same<typeof pid, number | null>(true));
town.on("warning", (warning) => console.log(warning.code?.length));
town.once("idle", () => {});
town.on("itemRetry", (item, reason) => console.log(item.data.html, reason));
// @ts-expect-error no such event
town.on("workerStarted", () => {});
// @ts-expect-error this event has no such argument
town.on("idle", (item: Item) => item);

// The town's other methods.
async function lifecycle() {
  await town.ready();
  await town.close({ drain: true, timeout: 1000 });
  same<ReturnType<typeof town.metrics>, string>(true);
  same<ReturnType<typeof town.stats>["workers"][number]["state"], boomtown.WorkerState>(true);
  await using page = await town.acquire({ timeout: 5 });
  await page.release();
  town.resize(3);
  // @ts-expect-error a number of workers
  town.resize("3");
}

// Items.
async function items() {
  const item = town.queue(card);
  same<Awaited<typeof item>, Buffer>(true);
  same<typeof item.state, "waiting" | "running" | "fulfilled" | "rejected" | "aborted">(true);
  item.on("progress", (value) => value).once("start", (attempt) => attempt + 1);
  item.abort(new Error("changed my mind"));
  // @ts-expect-error no such event
  item.on("done", () => {});
  // @ts-expect-error read only
  item.id = "5";
  await item.catch((error: BoomtownError) => {
    if (error.code === "ERR_ITEM_ABORTED") console.log(error.id);
    // @ts-expect-error no such code
    if (error.code === "ERR_NO_SUCH") console.log(error.id);
  });
}

// The page by Puppeteer's names.
async function puppeteerNames(page: Page) {
  const response = await page.goto("https://example.test/", { waitUntil: "networkidle0", timeout: 5 });
  same<typeof response, boomtown.HTTPResponse | null>(true);
  await page.goto(new URL("https://example.test/"));
  // @ts-expect-error no such moment
  await page.goto("https://example.test/", { waitUntil: "ready" });

  const sum = await page.evaluate((a, b) => a + b, 1, 2);
  same<typeof sum, number>(true);
  const later = await page.evaluate(async (when: Date) => ({ when, title: document.title }), new Date());
  same<typeof later, { when: Date; title: string }>(true);
  const text = await page.evaluate<string>("document.title");
  same<typeof text, string>(true);
  // @ts-expect-error the argument's type
  await page.evaluate((n: number) => n, "1");
  // @ts-expect-error a string takes no arguments
  await page.evaluate("1 + 1", 2);

  const id = await page.$eval("#a", (element) => element.id);
  same<typeof id, string>(true);
  const values = await page.$$eval(
    "input",
    (inputs: HTMLInputElement[], prefix: string) => inputs.map((i) => prefix + i.value),
    "-",
  );
  same<typeof values, string[]>(true);
  // @ts-expect-error the argument's type
  await page.$eval("#a", (_element, n: number) => n, "1");
  const found = await page.waitForFunction((n: number) => n > 1 && "yes", { polling: 50 }, 2);
  same<typeof found, boomtown.JSHandle<false> | boomtown.JSHandle<"yes">>(true);

  same<typeof picture, Buffer>(true);
  const picture = await page.screenshot({ fullPage: true, path: "a.png" });
  const base64 = await page.screenshot({ encoding: "base64" });
  same<typeof base64, string>(true);
  // @ts-expect-error no such type
  await page.screenshot({ type: "gif" });
  // @ts-expect-error a clip needs its size
  await page.screenshot({ clip: { x: 0, y: 0 } });
  await page.pdf({ format: "A4", margin: { top: "1cm", left: 5 }, scale: 1.5 });
  // @ts-expect-error a viewport needs its height
  await page.setViewport({ width: 5 });
  await page.setCookie({ name: "a", value: "b", sameSite: "Lax" });
  const [cookie] = await page.cookies();
  same<typeof cookie.expires, number>(true);
  await page.authenticate(null);
  await page.setRequestInterception((request) => void request.abort());
  await page.setRequestInterception(false);
  page.on("close", (reason) => reason.length);
  // @ts-expect-error no such event
  page.on("closed", () => {});
  // @ts-expect-error paths are strings
  await page.uploadFile("#file", 5);
}

// The page by phantom's names.
async function phantomNames(page: Page) {
  same<typeof status, "success" | "fail">(true);
  const status = await page.open("https://example.test/", { operation: "POST", data: { a: 1 } });
  await page.open("https://example.test/", "post", "a=1");
  await page.property("viewportSize", { width: 300, height: 250 });
  await page.property("paperSize", { format: "A4", footer: { height: "1cm", contents: (n, all) => `${n} of ${all}` } });
  const size = await page.property("viewportSize");
  same<typeof size, { width: number; height: number }>(true);
  same<typeof title, string>(true);
  const title = await page.property("title");
  // @ts-expect-error it can only be read
  await page.property("title", "new");
  await page.property("onLoadFinished", (status, word) => console.log(status, word), "word");
  await page.property("onLoadFinished", null);
  // @ts-expect-error no function
  await page.property("onLoadFinished", "() => {}");
  // @ts-expect-error no such property
  await page.property("viewportsize");
  // @ts-expect-error the value's type
  await page.property("zoomFactor", "2");
  await page.setting("loadImages", false);
  // @ts-expect-error no such setting
  await page.setting("images", false);
  const encoded = await page.renderBase64("jpeg");
  same<typeof encoded, string>(true);
  await page.sendEvent("click", 1, 2, "right", 0x02000000);
  await page.sendEvent("keypress", "text");
  // @ts-expect-error no such event
  await page.sendEvent("keypresses", "text");
  page.on("onResourceRequested", true, (_request, network) => network.abort());
  page.on("onLoadFinished", (loaded) => loaded);
  page.off("onLoadFinished");
  await page.defineMethod("shout", function (text: string) {
    return this.title().then((own) => own + text);
  });
}

// puppeteer-cluster's names.
async function puppeteerClusterNames() {
  const cluster: Cluster<string, number> = await Cluster.launch({
    concurrency: Cluster.CONCURRENCY_BROWSER,
    maxConcurrency: 2,
    puppeteerOptions: { args: ["--a"], defaultViewport: null },
    perBrowserOptions: [{ args: ["--b"] }, {}],
  });
  await cluster.task(async ({ page, data, worker }) => {
    await page.goto(data);
    return worker.id;
  });
  same<typeof number, number>(true);
  const number = await cluster.execute("https://example.test/");
  await cluster.queue(async ({ page }) => (await page.title()).length);
  // @ts-expect-error data are strings
  await cluster.queue(5);
  // @ts-expect-error a promise of a number
  await cluster.task(async () => "text");
  same<typeof next, string>(true);
  const next = await cluster.waitForOne();
  // @ts-expect-error clusters are launched
  new Cluster();
  const theirs = await Cluster.launch({ page: "puppeteer" });
  await theirs.task(async ({ page }) => page.anything);
  // @ts-expect-error numbers are numbers
  await Cluster.launch({ timeout: "5" });
}

void [lifecycle, items, puppeteerNames, phantomNames, puppeteerClusterNames];

// Handlers that are typed for Puppeteer's page take this one: each name that is here means the same there. Names that give handles
// or frames cannot be here, since classes of Puppeteer's with private members are nobody else's.
type OfPuppeteer = Pick<
  import("puppeteer-core").Page,
  | "click"
  | "content"
  | "evaluate"
  | "evaluateOnNewDocument"
  | "focus"
  | "hover"
  | "removeScriptToEvaluateOnNewDocument"
  | "select"
  | "setContent"
  | "title"
  | "type"
  | "url"
>;
export async function asInPuppeteer(page: Page): Promise<void> {
  const theirs: OfPuppeteer = page;
  void theirs;
  // Handles, as handlers use them.
  const button = await page.$("button");
  const text = await button?.evaluate((element) => element.form?.id);
  same<typeof text, string | undefined>(true);
  const inputs = await page.$$("input");
  const value = await page.evaluate((input, more) => input.value + more, inputs[0], "!");
  same<typeof value, string>(true);
  const shown = await page.$eval("#a", (element: HTMLInputElement) => element.value);
  same<typeof shown, string>(true);
  const body = await page.evaluateHandle(() => document.body);
  same<typeof body, boomtown.ElementHandle<HTMLElement>>(true);
  for (const frame of page.frames()) await frame.waitForSelector(`text/${frame.name()}`, { visible: true });
  await page.locator("input").fill("text");
  // @ts-expect-error a handle of an input has no href
  await page.evaluate((input) => input.href, inputs[0]);
}

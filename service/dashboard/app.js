// The dashboard: follows the service's events, and renders what is tried. Whatever comes from the service becomes text, never HTML.

/** @param {string} id @returns {any} */
const by = (id) => document.getElementById(id);

/**
 * @param {string} name
 * @param {Record<string, string>} [attributes]
 * @param {(Node | string)[]} children
 */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/** @param {string} path @param {RequestInit & { headers?: Record<string, string> }} [how] */
function ask(path, how = {}) {
  const token = sessionStorage.getItem("token");
  const headers = new Headers(how.headers);
  if (token) headers.set("Authorization", `Bearer ${token}`);
  return fetch(path, { ...how, headers });
}

const AGAIN = 2000;

/** Server-sent events by fetch, as an EventSource would have the token in its address. */
async function follow() {
  try {
    const response = await ask("/dashboard/events");
    if (response.status === 401) return signIn();
    if (!response.ok || !response.body) throw new Error(await response.text());
    by("sign-in").hidden = true;
    by("board").hidden = false;
    say("live", "good");
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const events = (text + part.value).split("\n\n");
      text = String(events.pop());
      const last = events.pop();
      if (last) show(JSON.parse(last.slice(last.indexOf("data: ") + "data: ".length)));
    }
  } catch {
    // The service is gone or full, and may come back.
  }
  say("not connected", "bad");
  setTimeout(follow, AGAIN);
}

/** @param {string} text @param {string} kind */
function say(text, kind) {
  by("connection").textContent = text;
  by("connection").className = `badge ${kind}`;
}

function signIn() {
  const wasWrong = sessionStorage.getItem("token") !== null;
  sessionStorage.removeItem("token");
  say("token needed", "bad");
  by("board").hidden = true;
  by("sign-in").hidden = false;
  by("wrong-token").textContent = wasWrong ? "The service does not know this token." : "";
  by("token").focus();
}

by("sign-in").addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  sessionStorage.setItem("token", by("token").value);
  by("token").value = "";
  follow();
});

/** @param {any} state */
function show({ now, workers, samples, results, failures }) {
  showCharts(now, samples);
  showWorkers(workers);
  if (isNew("results", results)) showResults(results);
  if (isNew("failures", failures)) showFailures(failures);
}

/** @type {Map<string, string>} */
const shown = new Map();
/** @param {string} name @param {any[]} list */
function isNew(name, list) {
  const ids = list.map(({ id }) => id).join(" ");
  if (shown.get(name) === ids) return false;
  shown.set(name, ids);
  return true;
}

/** @param {any} now @param {any[]} samples */
function showCharts(now, samples) {
  const last = samples.at(-1);
  const rate = (/** @type {any} */ { done, failed }) => (done + failed) * 6;
  const charts = [
    chart(
      "Waiting",
      String(now.waiting),
      "",
      samples.map(({ waiting }) => waiting),
    ),
    chart("Pace", last ? String(rate(last)) : "–", "a minute", samples.map(rate)),
    chart(
      "p50",
      milliseconds(last?.p50),
      "",
      samples.map(({ p50 }) => p50),
    ),
    chart(
      "p99",
      milliseconds(last?.p99),
      "",
      samples.map(({ p99 }) => p99),
    ),
  ];
  by("charts").replaceChildren(...charts);
}

const SVG = "http://www.w3.org/2000/svg";
/** Samples of an hour, and the height of a chart. */
const WIDE = 360;
const HIGH = 56;

/** @param {string} title @param {string} value @param {string} unit @param {(number | null)[]} values */
function chart(title, value, unit, values) {
  const highest = Math.max(1, ...values.map((one) => one ?? 0));
  const points = values.flatMap((one, index) =>
    one === null ? [] : [`${WIDE - values.length + index + 1},${(HIGH - (one / highest) * (HIGH - 4)).toFixed(1)}`],
  );
  const svg = document.createElementNS(SVG, "svg");
  const label = `${title} in the last hour: ${values.length ? `now ${value} ${unit}, at most ${highest}` : "no samples yet"}`;
  for (const [name, attribute] of [
    ["viewBox", `0 0 ${WIDE} ${HIGH}`],
    ["preserveAspectRatio", "none"],
    ["role", "img"],
    ["aria-label", label],
  ])
    svg.setAttribute(name, attribute);
  const draw = (/** @type {string} */ name, /** @type {Record<string, string>} */ attributes) => {
    const made = document.createElementNS(SVG, name);
    for (const [attribute, one] of Object.entries(attributes)) made.setAttribute(attribute, one);
    svg.append(made);
  };
  draw("line", { class: "base", x1: "0", x2: String(WIDE), y1: String(HIGH), y2: String(HIGH) });
  if (points.length > 1) {
    const [first] = points[0].split(",");
    const [end] = points[points.length - 1].split(",");
    draw("polygon", { class: "area", points: `${first},${HIGH} ${points.join(" ")} ${end},${HIGH}` });
    draw("polyline", { class: "line", points: points.join(" ") });
  }
  return element(
    "div",
    { class: "card" },
    element("h3", { class: "quiet" }, title),
    element("p", { class: "number" }, `${value} `, element("span", { class: "unit" }, unit)),
    svg,
  );
}

/** @param {number | null | undefined} value */
function milliseconds(value) {
  if (value === null || value === undefined) return "–";
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

/** @param {number} bytes */
function size(bytes) {
  if (!bytes) return "–";
  return bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${Math.round(bytes / 2 ** 20)} MiB`;
}

/** @param {number} seconds */
function age(seconds) {
  if (!seconds) return "–";
  if (seconds < 60) return `${Math.round(seconds)} s`;
  return seconds < 3600 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** @param {any[]} workers */
function showWorkers(workers) {
  by("worker-count").textContent = String(workers.length);
  const tiles = workers.map(({ id, state, items, running, memory, uptime }) => {
    const facts = [
      ["Running", String(running)],
      ["Items", String(items)],
      ["Memory", size(memory)],
      ["Age", age(uptime / 1000)],
    ].flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]);
    const kind = state === "ready" ? (running ? "" : "good") : "bad";
    const word = state === "ready" ? (running ? "busy" : "ready") : state;
    return element(
      "li",
      { class: "tile" },
      element(
        "div",
        { class: "tile-head" },
        element("span", {}, `Worker ${id}`),
        element("span", { class: `badge ${kind}` }, word),
      ),
      element("dl", {}, ...facts),
    );
  });
  by("workers").replaceChildren(...tiles);
}

/** Addresses of the thumbnails, by result. @type {Map<string, Promise<string | undefined>>} */
const thumbnails = new Map();

/** @param {string} id */
async function fetchThumbnail(id) {
  const response = await ask(`/dashboard/results/${encodeURIComponent(id)}`);
  return response.ok ? URL.createObjectURL(await response.blob()) : undefined;
}

/** @param {any[]} results */
function showResults(results) {
  const ids = new Set(results.map(({ id }) => id));
  for (const [id, address] of thumbnails) {
    if (ids.has(id)) continue;
    thumbnails.delete(id);
    address.then((known) => known && URL.revokeObjectURL(known));
  }
  const items = results.map(({ id, kind, what, type, took, bytes, picture }) => {
    const thumb = element("div", { class: "thumb" }, type.includes("pdf") ? "PDF" : kind);
    if (picture) {
      const address = thumbnails.get(id) ?? fetchThumbnail(id);
      thumbnails.set(id, address);
      address.then((src) => src && thumb.replaceChildren(element("img", { src, alt: `Picture of ${what}` })));
    }
    const facts = `${kind}, ${milliseconds(took)}${bytes ? `, ${size(bytes)}` : ""}`;
    return element("li", {}, thumb, element("div", {}, what), element("div", { class: "quiet" }, facts));
  });
  by("results").replaceChildren(...(items.length ? items : [element("li", { class: "quiet" }, "Nothing yet.")]));
}

/** @param {any[]} failures */
function showFailures(failures) {
  const items = failures.map(({ id, kind, what, at, code, message }) =>
    element(
      "li",
      {},
      element("strong", { class: "bad" }, code || "Failed"),
      ` ${kind} of ${what}, ${new Date(at).toLocaleTimeString()}`,
      element("div", {}, message),
      element("div", { class: "quiet" }, id),
    ),
  );
  by("failures").replaceChildren(...(items.length ? items : [element("li", { class: "quiet" }, "None.")]));
}

const form = by("try");

function wanted() {
  const { source, output } = Object.fromEntries(new FormData(form));
  const what = source === "url" ? { url: by("url").value } : { html: by("html").value };
  const isPdf = output === "pdf";
  return {
    path: isPdf ? "/pdf" : "/screenshot",
    file: `out.${output}`,
    body: { ...what, options: isPdf ? { printBackground: true } : { type: String(output) } },
  };
}

/** As one word of a shell. @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function showLines() {
  const isUrl = new FormData(form).get("source") === "url";
  for (const [name, isShown] of /** @type {[string, boolean][]} */ ([
    ["url", isUrl],
    ["html", !isUrl],
  ])) {
    by(name).hidden = !isShown;
    form.querySelector(`label[for="${name}"]`).hidden = !isShown;
  }
  by("url").required = isUrl;
  const { path, file, body } = wanted();
  // The token itself is not for a clipboard.
  const hasToken = sessionStorage.getItem("token") !== null;
  by("curl").textContent = [
    `curl ${quoted(location.origin + path)} -H 'Content-Type: application/json'`,
    ...(hasToken ? ['-H "Authorization: Bearer $TOKEN"'] : []),
    `-d ${quoted(JSON.stringify(body))} -o ${file}`,
  ].join(" \\\n  ");
  const token = hasToken ? ', Authorization: "Bearer " + process.env.TOKEN' : "";
  by("node").textContent = `import { writeFile } from "node:fs/promises";

const response = await fetch("${location.origin}${path}", {
  method: "POST",
  headers: { "Content-Type": "application/json"${token} },
  body: JSON.stringify(${JSON.stringify(body)}),
});
if (!response.ok) throw new Error(await response.text());
await writeFile("${file}", Buffer.from(await response.arrayBuffer()));`;
}
form.addEventListener("input", showLines);
showLines();

/** @type {string | undefined} */
let lastResult;
form.addEventListener("submit", async (/** @type {Event} */ event) => {
  event.preventDefault();
  const { path, file, body } = wanted();
  const button = form.querySelector("button");
  button.disabled = true;
  by("outcome").className = "";
  by("outcome").textContent = "Rendering";
  const start = performance.now();
  try {
    const headers = { "Content-Type": "application/json" };
    const response = await ask(path, { method: "POST", headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error((await response.json()).error);
    const blob = await response.blob();
    if (lastResult) URL.revokeObjectURL(lastResult);
    lastResult = URL.createObjectURL(blob);
    by("outcome").textContent = `Done in ${milliseconds(performance.now() - start)}, ${size(blob.size)}`;
    const link = element("a", { href: lastResult, download: file }, `Save ${file}`);
    const isPicture = blob.type.startsWith("image/");
    by("result").replaceChildren(
      ...(isPicture ? [element("img", { src: lastResult, alt: "What was rendered" })] : []),
      link,
    );
  } catch (error) {
    by("outcome").className = "bad";
    by("outcome").textContent = /** @type {Error} */ (error).message;
  } finally {
    button.disabled = false;
  }
});

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const what = by(String(button.getAttribute("data-copy")));
    try {
      await navigator.clipboard.writeText(what.textContent);
      by("outcome").textContent = "Copied";
    } catch {
      // Without a clipboard, as over plain HTTP: the text is chosen for the keyboard.
      getSelection()?.selectAllChildren(what);
      by("outcome").textContent = "Selected; copy it by Ctrl-C";
    }
  });
}

follow();

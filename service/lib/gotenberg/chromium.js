// The forms of Chromium's routes: what they want of a page, and what is made of its PDF afterwards.

const { pathToFileURL } = require("node:url");
const { HttpError } = require("../errors.js");
const { pdfSteps, refuseMissing } = require("./pdf-fields.js");
const { fromMarkdown } = require("./markdown.js");

/** @typedef {InstanceType<typeof import("./form.js").Form>} Form */
/** @typedef {import("./page/index.js").Conversion} Conversion */
/** @typedef {"url" | "html" | "markdown"} Source */

const PAPER = { width: 8.5, height: 11, margin: 0.39 };
const WINDOW = { width: 800, height: 600 };
const FORMATS = ["png", "jpeg", "webp"];
/** What a page may be opened at by its URL; above all no file of this machine. */
const SCHEMES = new Set(["http:", "https:", "data:", "about:"]);
/** Headers that may be added, and characters of what limits one to some URLs. */
const MOST_HEADERS = 64;
const LONGEST_SCOPE = 1024;
/** These stand for all statuses of their hundred. */
const HUNDREDS = new Set([199, 299, 399, 499, 599]);

/**
 * @param {Form} form
 * @param {Source} source
 * @param {string} folder
 */
async function toPdf(form, source, folder) {
  const wanted = commonFields(form);
  const print = await printFields(form);
  const steps = pdfSteps(form);
  const open = opening(form, source, folder);
  form.check();
  refuseMissing(form);
  if (wanted.omitBackground && !print.printBackground) {
    throw new HttpError(400, "omitBackground requires printBackground set to true");
  }
  return { wanted: { ...wanted, ...(await open()), print }, steps };
}

/**
 * @param {Form} form
 * @param {Source} source
 * @param {string} folder
 */
async function toPicture(form, source, folder) {
  const wanted = commonFields(form);
  const picture = pictureFields(form);
  const open = opening(form, source, folder);
  form.check();
  return { ...wanted, ...(await open()), picture };
}

/**
 * Reads where the page is; what this returns makes it ready to be opened.
 * @param {Form} form
 * @param {Source} source
 * @param {string} folder
 * @returns {() => Promise<{ url: string, folder?: string }>}
 */
function opening(form, source, folder) {
  if (source === "url") {
    form.require("url");
    const url = form.text("url");
    return async () => ({ url: openable(url) });
  }
  const index = form.requiredFile("index.html");
  if (source === "html") return async () => ({ url: pathToFileURL(index).href, folder });
  const texts = form.requiredFilesOf(".md");
  return async () => ({ url: pathToFileURL(await fromMarkdown(index, texts, folder)).href, folder });
}

/** @param {string} url */
function openable(url) {
  if (!URL.canParse(url)) throw new HttpError(400, `Invalid URL: ${JSON.stringify(url)} is no whole URL`);
  const { protocol } = new URL(url);
  if (protocol === "file:") {
    throw new HttpError(
      400,
      "file:// URLs are not accepted on this route. Use the /convert/html or /convert/markdown routes to render local HTML",
    );
  }
  if (!SCHEMES.has(protocol)) throw new HttpError(403, "Forbidden");
  return url;
}

/** @param {Form} form @returns {Omit<Conversion, "url">} */
function commonFields(form) {
  const waitsForIdle = !form.truth("skipNetworkIdleEvent", true);
  const waitsForAlmostIdle = !form.truth("skipNetworkAlmostIdleEvent", true);
  return {
    kind: "convert",
    waitUntil: [
      "load",
      ...(waitsForIdle ? /** @type {const} */ (["networkidle0"]) : []),
      ...(waitsForAlmostIdle ? /** @type {const} */ (["networkidle2"]) : []),
    ],
    failOn: {
      statuses: form.json("failOnHttpStatusCodes", statuses([499, 599]), statuses),
      resourceStatuses: form.json("failOnResourceHttpStatusCodes", new Set(), statuses),
      ignoredDomains: form.json("ignoreResourceHttpStatusDomains", [], domains),
      resourceFailures: form.truth("failOnResourceLoadingFailed"),
      exceptions: form.truth("failOnConsoleExceptions"),
    },
    waitDelay: form.duration("waitDelay"),
    waitForExpression: form.text("waitForExpression"),
    waitForSelector: form.text("waitForSelector"),
    cookies: form.json("cookies", [], cookies),
    userAgent: form.text("userAgent"),
    headers: form.json("extraHttpHeaders", [], headers),
    media: form.oneOf("emulatedMediaType", ["screen", "print"]),
    features: form.json("emulatedMediaFeatures", [], features),
    omitBackground: form.truth("omitBackground"),
  };
}

/** @param {Form} form @returns {Promise<import("./page/index.js").Print>} */
async function printFields(form) {
  return {
    width: form.inches("paperWidth", PAPER.width),
    height: form.inches("paperHeight", PAPER.height),
    margin: {
      top: form.inches("marginTop", PAPER.margin),
      bottom: form.inches("marginBottom", PAPER.margin),
      left: form.inches("marginLeft", PAPER.margin),
      right: form.inches("marginRight", PAPER.margin),
    },
    landscape: form.truth("landscape"),
    singlePage: form.truth("singlePage"),
    scale: form.number("scale", 1),
    pageRanges: form.text("nativePageRanges"),
    printBackground: form.truth("printBackground"),
    preferCSSPageSize: form.truth("preferCssPageSize"),
    outline: form.truth("generateDocumentOutline"),
    tagged: form.truth("generateTaggedPdf"),
    header: await form.content("header.html"),
    footer: await form.content("footer.html"),
  };
}

/** @param {Form} form @returns {import("./page/index.js").Picture} */
function pictureFields(form) {
  return {
    width: form.integer("width", WINDOW.width, { min: 1 }),
    height: form.integer("height", WINDOW.height, { min: 1 }),
    deviceScaleFactor: form.number("deviceScaleFactor", 1),
    clip: form.truth("clip"),
    selector: form.text("selector"),
    format: /** @type {"png" | "jpeg" | "webp"} */ (form.oneOf("format", FORMATS, "png")),
    quality: form.integer("quality", 100, { min: 0, max: 100 }),
    optimizeForSpeed: form.truth("optimizeForSpeed"),
  };
}

/** @param {unknown} value */
function statuses(value) {
  if (!Array.isArray(value) || !value.every(Number.isInteger))
    throw new Error("wrong value, expected a list of statuses");
  return new Set(
    value.flatMap((one) => (HUNDREDS.has(one) ? Array.from({ length: 100 }, (_, less) => one - less) : one)),
  );
}

/** Hosts, whatever stands around them: *.example.com, https://example.com/path, example.com:443. @param {unknown} value */
function domains(value) {
  return texts(value)
    .map((text) => text.trim().toLowerCase())
    .map((text) => (text.includes("//") ? text : `//${text}`).replace(/^[^/]*\/\//, "").split(/[/:?#]/)[0])
    .map((host) => host.replace(/^\*?\./, ""))
    .filter((host) => host !== "");
}

/** @param {unknown} value @returns {string[]} */
function texts(value) {
  if (!Array.isArray(value) || !value.every((one) => typeof one === "string"))
    throw new Error("wrong value, expected a list of texts");
  return value;
}

/** @param {unknown} value @returns {Conversion["cookies"]} */
function cookies(value) {
  if (!Array.isArray(value)) throw new Error("wrong value, expected a list of cookies");
  return value.map((cookie, number) => {
    const { name, value: text, domain, path, secure, httpOnly, sameSite } = cookie ?? {};
    if (![name, text, domain].every((one) => typeof one === "string" && one.trim() !== "")) {
      throw new Error(`cookie ${number} must have its name, value and domain set`);
    }
    const site = { strict: "Strict", lax: "Lax", none: "None" }[String(sameSite ?? "").toLowerCase()];
    if (sameSite && site === undefined)
      throw new Error(`cookie ${number} has a sameSite that is neither Strict, Lax nor None`);
    return {
      name,
      value: text,
      domain,
      path: path || "/",
      secure: secure === true,
      httpOnly: httpOnly === true,
      sameSite: /** @type {"Strict" | "Lax" | "None" | undefined} */ (site),
    };
  });
}

/** @param {unknown} value @returns {import("./page/index.js").Header[]} */
function headers(value) {
  const entries = Object.entries(record(value));
  if (entries.length > MOST_HEADERS) {
    throw new Error(`too many headers, got ${entries.length}, expected at most ${MOST_HEADERS}`);
  }
  return entries.map(([name, text]) => {
    const parts = text
      .split(";")
      .map((part) => part.trim())
      .filter((part) => part !== "");
    const scopes = parts.filter((part) => /^scope/i.test(part));
    const kept = parts.filter((part) => !scopes.includes(part)).join("; ");
    if (scopes.length === 0) return { name, value: kept };
    const [, scope] = /^scope=(.+)$/is.exec(scopes[0].replaceAll(/\s/g, "")) ?? [];
    if (scope === undefined) throw new Error(`invalid scope '' for header '${name}'`);
    if (scope.length > LONGEST_SCOPE) {
      throw new Error(
        `scope regex pattern for header '${name}' is too long, got ${scope.length} characters, expected at most ${LONGEST_SCOPE}`,
      );
    }
    try {
      new RegExp(scope);
    } catch (error) {
      throw new Error(`invalid scope regex pattern for header '${name}': ${/** @type {Error} */ (error).message}`);
    }
    return { name, value: kept, scope };
  });
}

/** As Gotenberg's documentation has it, a list of names and values; as its code, an object. @param {unknown} value */
function features(value) {
  if (!Array.isArray(value)) return Object.entries(record(value)).map(([name, text]) => ({ name, value: text }));
  return value.map((feature) => {
    const { name, value: text } = feature ?? {};
    if (typeof name !== "string" || typeof text !== "string") throw new Error("a feature has a name and a value");
    return { name, value: text };
  });
}

/** @param {unknown} value @returns {Record<string, string>} */
function record(value) {
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isRecord || !Object.values(value).every((text) => typeof text === "string")) {
    throw new Error("wrong value, expected an object of texts");
  }
  return /** @type {Record<string, string>} */ (value);
}

module.exports = { toPdf, toPicture };

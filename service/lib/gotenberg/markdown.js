// A page made of a template and Markdown files: `{{ toHTML "file.md" }}` in the template is the file's text as HTML, in which there
// is no script and nothing else that acts.

const { randomUUID } = require("node:crypto");
const fs = require("node:fs/promises");
const path = require("node:path");
// @ts-expect-error: sanitize-html declares no types
const sanitize = require("sanitize-html");
const { HttpError } = require("../errors.js");

/** An action of the template: what it trims before and after, and what it says. */
const ACTION = /\{\{(?:(-)\s)?(.*?)(?:\s(-))?\}\}/gs;
/** `toHTML "file.md"` and `"file.md" | toHTML`; in backquotes as well. Templates for Gotenberg 6 name a folder first. */
const CALL =
  /^\s*(?:toHTML\s+(?:\.DirPath\s+)?(?<after>"(?:[^"\\]|\\.)*"|`[^`]*`)|(?<before>"(?:[^"\\]|\\.)*"|`[^`]*`)\s*\|\s*toHTML)\s*$/s;
const COMMENT = /^\s*\/\*.*\*\/\s*$/s;

/** What users write, and nothing that acts. */
const ALLOWED = {
  allowedTags: [...sanitize.defaults.allowedTags, "img", "del", "ins", "details", "summary"],
  allowedAttributes: {
    "*": ["id", "title", "lang", "dir"],
    a: ["href", "name"],
    img: ["src", "alt", "width", "height"],
    code: ["class"],
    ol: ["start"],
    th: ["align", "colspan", "rowspan", "scope"],
    td: ["align", "colspan", "rowspan"],
  },
  allowedSchemes: ["http", "https", "mailto"],
  allowedSchemesByTag: { img: ["http", "https", "data"] },
};

/**
 * @param {string} index the template's path
 * @param {{ name: string, path: string }[]} texts
 * @param {string} folder where the page is written
 * @returns {Promise<string>} the page's path
 */
async function fromMarkdown(index, texts, folder) {
  const { marked } = await import("marked");
  const template = await fs.readFile(index, "utf8");
  /** @type {string[]} */
  const missing = [];
  /** @type {Map<string, string>} */
  const pages = new Map();
  for (const name of named(template)) {
    const text = texts.find((one) => one.name === name);
    if (text) pages.set(name, sanitize(await marked(await fs.readFile(text.path, "utf8")), ALLOWED));
    else missing.push(name);
  }
  if (missing.length > 0) {
    throw new HttpError(400, `Markdown file(s) not found: ${missing.map((name) => `'${name}'`).join("\n")}`);
  }
  const file = path.join(folder, `${randomUUID()}.html`);
  await fs.writeFile(file, filled(template, pages), { mode: 0o600 });
  return file;
}

/** @param {string} template @returns {Set<string>} the files' names */
function named(template) {
  const names = new Set();
  for (const [, , action] of template.matchAll(ACTION)) {
    const name = fileOf(action);
    if (name !== undefined) names.add(name);
  }
  return names;
}

/** @param {string} template @param {Map<string, string>} pages by the files' names */
function filled(template, pages) {
  let page = "";
  let end = 0;
  let trims = false;
  for (const match of template.matchAll(ACTION)) {
    const [whole, before, action, after] = match;
    const text = template.slice(end, match.index);
    page += trimmed(text, trims, before !== undefined) + (pages.get(fileOf(action) ?? "") ?? "");
    end = match.index + whole.length;
    trims = after !== undefined;
  }
  return page + trimmed(template.slice(end), trims, false);
}

/** @param {string} text @param {boolean} start @param {boolean} end */
function trimmed(text, start, end) {
  const rest = start ? text.trimStart() : text;
  return end ? rest.trimEnd() : rest;
}

/** @param {string} action @returns {string | undefined} the file's name; a comment has none */
function fileOf(action) {
  if (COMMENT.test(action)) return undefined;
  const { after, before } = CALL.exec(action)?.groups ?? {};
  const text = after ?? before;
  if (text === undefined) {
    throw new HttpError(400, `index.html: {{${action}}} is not known; there is {{ toHTML "file.md" }}`);
  }
  return text.startsWith("`") ? text.slice(1, -1) : text.slice(1, -1).replaceAll(/\\(.)/gs, "$1");
}

module.exports = { fromMarkdown };

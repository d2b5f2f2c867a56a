// The local web server whose pages are rendered by their URL: the card page by its number, with a script and an image.

const { cardPage } = require("./card.js");
const { listen } = require("./listen.js");

const EXTRAS = `<script src="/mark.js"></script><img src="/mark.svg" width="24" height="24" style="position: absolute; right: 8px; bottom: 8px">`;

/** @type {Record<string, [type: string, body: string]>} */
const FILES = {
  "/mark.js": ["text/javascript", `document.querySelector("h2").textContent += " and a mark";`],
  "/mark.svg": [
    "image/svg+xml",
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="11" fill="#c2410c"/></svg>`,
  ],
};

/** @param {string} url @returns {[type: string, body: string] | undefined} */
function answer(url) {
  const [, number] = /^\/(\d+)$/.exec(url) ?? [];
  return number ? ["text/html; charset=utf-8", cardPage(Number(number)) + EXTRAS] : FILES[url];
}

const serve = () =>
  listen((request, response) => {
    const found = answer(request.url ?? "");
    // Otherwise contestants with a cache of their own for every item would have more to do.
    response.writeHead(found ? 200 : 404, { "Content-Type": found?.[0] ?? "text/plain", "Cache-Control": "no-store" });
    response.end(found?.[1]);
  });

module.exports = { serve };

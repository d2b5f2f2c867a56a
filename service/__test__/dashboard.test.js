// The dashboard and the API's page, in a real browser of boomtown.

const { after, before, describe, test } = require("node:test");
const assert = require("node:assert/strict");
const { readFileSync } = require("node:fs");
const path = require("node:path");
const boomtown = require("boomtown");
const { bytes, open, ready } = require("./service.js");

const LIMIT = { timeout: 120_000 };
const WAIT = { timeout: 60_000 };
const TOKEN = "a-token";

/** @type {Awaited<ReturnType<typeof open>>} */
let service;
/** @type {Awaited<ReturnType<typeof open>>} */
let guarded;
/** @type {import("boomtown").Town} */
let town;
before(async () => {
  [service, guarded] = await Promise.all([open(), open({ tokens: [TOKEN] })]);
  town = boomtown({ mode: "inline", workerCount: 1 });
  town.on("queue", () => {});
  await Promise.all([town.ready(), ready(service), ready(guarded)]);
});
after(() => town.close());

/**
 * @param {(page: import("boomtown").Page) => Promise<void>} look
 * @param {{ url?: string, scheme?: "dark" | "light", width?: number }} [how]
 */
async function visit(look, { url = `${service.url}/`, scheme = "light", width = 1280 } = {}) {
  const page = await town.acquire();
  try {
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.goto(url);
    await look(page);
  } finally {
    page.release();
  }
}

/** The contrast of each text with what is behind it that is less than 4.5. */
function poorContrasts() {
  const numbers = (/** @type {string} */ color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (/** @type {number[]} */ color) => {
    const [r, g, b] = color.slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (/** @type {Element | null} */ element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = numbers(getComputedStyle(at).backgroundColor);
      if (color[3] !== 0) return color;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("body *")]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.nodeValue?.trim()))
    .filter((element) => element.checkVisibility())
    .map((element) => {
      const [one, other] = [numbers(getComputedStyle(element).color), behind(element)].map(luminance);
      const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      return { name: element.outerHTML.slice(0, 80), contrast };
    })
    .filter(({ contrast }) => contrast < 4.5);
}

/** The controls that have no name for who does not see them. */
function nameless() {
  return [...document.querySelectorAll("a, button, input, textarea, select, svg[role=img]")]
    .filter((element) => {
      const labels = /** @type {HTMLInputElement} */ (element).labels;
      return (
        !(element.textContent?.trim() && element.tagName !== "TEXTAREA") &&
        !labels?.length &&
        !element.getAttribute("aria-label")
      );
    })
    .map((element) => element.outerHTML.slice(0, 80));
}

describe("the dashboard", () => {
  test("shows the workers, and what has been rendered as a picture", LIMIT, async () => {
    await bytes(service.post("/screenshot", { html: "<body style='background: teal'>" }));
    await visit(async (page) => {
      await page.waitForSelector("#workers .tile", WAIT);
      await page.waitForFunction(
        () =>
          [...document.querySelectorAll("img")].some(
            ({ alt, naturalWidth }) => alt === "Picture of HTML" && naturalWidth === 800,
          ),
        WAIT,
      );
    });
  });

  test("shows why a request has failed, as text", LIMIT, async () => {
    const answer = await service.post("/content", {
      html: "<p>",
      addScriptTag: [{ content: "throw new Error('<b>')" }],
      waitForFunction: { fn: "() => { throw new Error('<b>no</b>') }" },
    });
    assert.notEqual(answer.status, 200);
    await visit(async (page) => {
      await page.waitForFunction(() => document.querySelector("#failures strong"), WAIT);
      assert.equal(await page.evaluate(() => document.querySelector("#failures b")), null);
    });
  });

  test("renders what is tried, and shows the lines that do the same", LIMIT, async () => {
    await visit(async (page) => {
      await page.click("#try input[value=jpeg]");
      await page.click("#try button[type=submit]");
      await page.waitForFunction(() => document.querySelector("#result img"), WAIT);
      const curl = await page.evaluate(() => document.querySelector("#curl")?.textContent ?? "");
      assert.ok(curl.startsWith(`curl '${service.url}/screenshot'`), curl);
      assert.ok(curl.endsWith("-o out.jpeg"), curl);
    });
  });

  test("says what is wrong with what is tried", LIMIT, async () => {
    await visit(async (page) => {
      await page.click("#try input[value=url]");
      await page.evaluate(() => {
        /** @type {HTMLInputElement} */ (document.querySelector("#url")).value = "file:///etc/passwd";
      });
      await page.click("#try button[type=submit]");
      await page.waitForFunction(
        () => document.querySelector("#outcome.bad")?.textContent?.includes("not allowed"),
        WAIT,
      );
    });
  });

  test("asks for the token, and keeps it for the tab only", LIMIT, async () => {
    await visit(
      async (page) => {
        await page.waitForSelector("#sign-in:not([hidden])", WAIT);
        await page.type("#token", "wrong");
        await page.click("#sign-in button");
        await page.waitForFunction(() => document.querySelector("#wrong-token")?.textContent, WAIT);
        await page.type("#token", TOKEN);
        await page.click("#sign-in button");
        await page.waitForSelector("#workers .tile", WAIT);
        assert.deepEqual(
          await page.evaluate(() => [sessionStorage.getItem("token"), localStorage.length, document.cookie]),
          [TOKEN, 0, ""],
        );
      },
      { url: `${guarded.url}/` },
    );
  });

  for (const route of ["/dashboard/events", "/dashboard/results/x"]) {
    test(`${route} needs the token`, LIMIT, async () => {
      assert.equal((await guarded.get(route)).status, 401);
    });
  }

  test("changes to dark and back by its switch", LIMIT, async () => {
    await visit(async (page) => {
      const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const light = await background();
      await page.click("#theme");
      assert.notEqual(await background(), light);
      await page.click("#theme");
      assert.equal(await background(), light);
    });
  });

  for (const scheme of /** @type {const} */ (["light", "dark"])) {
    for (const route of ["/", "/docs"]) {
      test(
        `${route} in ${scheme} has text with contrast, names for all controls, and nothing beside a narrow window`,
        LIMIT,
        async () => {
          await visit(
            async (page) => {
              await page.waitForSelector("#workers .tile, #routes details", WAIT);
              assert.deepEqual(await page.evaluate(poorContrasts), []);
              assert.deepEqual(await page.evaluate(nameless), []);
              const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
              assert.ok(Number(widths[0]) <= Number(widths[1]), String(widths));
            },
            { url: service.url + route, scheme, width: 375 },
          );
        },
      );
    }
  }

  test("runs nothing inline and loads nothing of others", LIMIT, async () => {
    for (const file of ["index.html", "docs.html"]) {
      const html = readFileSync(path.join(__dirname, "../dashboard", file), "utf8");
      assert.doesNotMatch(html, /<script(?![^>]*src=)|<style|\son\w+=|(src|href)="https?:/);
    }
    for (const route of ["/", "/docs"]) {
      const policy = (await service.get(route)).headers.get("content-security-policy") ?? "";
      assert.match(policy, /default-src 'none'/);
      assert.doesNotMatch(policy, /unsafe|\*/);
    }
  });

  test("does not keep a service from draining", LIMIT, async () => {
    const ending = await open();
    const response = await ending.get("/dashboard/events");
    await ending.drain();
    await response.text();
  });
});

describe("the OpenAPI document", () => {
  test("has the schemas by which requests are checked", LIMIT, async () => {
    const { openapi, paths } = await (await service.get("/openapi.json")).json();
    assert.equal(openapi, "3.1.0");
    for (const route of ["/screenshot", "/pdf", "/content", "/scrape"]) {
      const { schema } = paths[route].post.requestBody.content["application/json"];
      assert.equal(schema.properties.html.type, "string");
      assert.equal(schema.additionalProperties, false);
    }
  });

  test("is shown as a page", LIMIT, async () => {
    await visit(
      async (page) => {
        await page.waitForSelector("#routes details", WAIT);
        assert.match(
          await page.evaluate(() => document.querySelector("#routes")?.textContent ?? ""),
          /POST \/screenshot/,
        );
      },
      { url: `${service.url}/docs` },
    );
  });
});

// Cookies, by both vocabularies.

const { test, before } = require("node:test");
const assert = require("node:assert/strict");
const { once } = require("node:events");
const { feature, withPage } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");

/** @type {string} */
let site;
before(async () => {
  site = await serve({
    "/": (request, response) => {
      response.setHeader("Content-Type", "text/html");
      response.end(`<pre>${request.headers.cookie ?? ""}</pre>`);
    },
    "/sets": (_request, response) => {
      response.setHeader("Set-Cookie", "fromserver=1; HttpOnly; Path=/");
      response.setHeader("Content-Type", "text/html");
      response.end("set");
    },
  });
});

/** @param {(page: import("../..").Page) => Promise<void>} use */
const withJar = (use) =>
  withPage(async (page) => {
    await page.goto(`${site}/`);
    await page.clearCookies();
    await use(page);
  });

/** @param {import("../..").Page} page */
async function sent(page) {
  await page.goto(`${site}/`);
  return await page.$eval("pre", (element) => element.textContent);
}

/** Which of two made at one time comes first is nobody's word. @template {{ name: string }} T @param {T[]} cookies */
const byName = (cookies) => cookies.sort((one, other) => one.name.localeCompare(other.name));

test("a cookie that was set is sent with the next request", () =>
  withJar(async (page) => {
    await page.setCookie({ name: "a", value: "1" }, { name: "b", value: "2", domain: "127.0.0.1", path: "/" });
    assert.deepEqual((await sent(page))?.split("; ").sort(), ["a=1", "b=2"]);
  }));

test("cookies gives name, value, domain, path, expiry and flags", () =>
  withJar(async (page) => {
    const expires = Math.floor(Date.now() / 1000) + 3600;
    await page.setCookie({ name: "a", value: "1", path: "/", httpOnly: true, sameSite: "Lax", expires });
    const [cookie] = await page.cookies();
    const { name, value, domain, path, httpOnly, secure, sameSite } = cookie;
    assert.deepEqual(
      [name, value, domain, path, httpOnly, secure, sameSite],
      ["a", "1", "127.0.0.1", "/", true, false, "Lax"],
    );
    assert.ok(Math.abs(cookie.expires - expires) < 2);
  }));

test("a cookie that cookies gives is taken back by setCookie and deleteCookie", () =>
  withJar(async (page) => {
    await page.goto(`${site}/sets`);
    await page.setCookie({
      name: "lasting",
      value: "2",
      sameSite: "Strict",
      expires: Math.floor(Date.now() / 1000) + 3600,
    });
    const jar = byName(await page.cookies());
    assert.equal(jar.length, 2);
    await page.clearCookies();
    await page.setCookie(...jar);
    assert.deepEqual(byName(await page.cookies()), jar);
    await page.deleteCookie(jar[0]);
    assert.deepEqual(await page.cookies(), jar.slice(1));
    await page.clearCookies();
  }));

test("phantom's cookies are taken back as they were given", () =>
  withJar(async (page) => {
    await page.addCookie({ name: "a", value: "1", path: "/", httponly: true, expires: Date.now() + 3_600_000 });
    await page.addCookie({ name: "b", value: "2" });
    const jar = byName(await page.property("cookies"));
    await page.clearCookies();
    await page.property("cookies", jar);
    assert.deepEqual(byName(await page.property("cookies")), jar);
    await page.clearCookies();
  }));

feature("setCookie with a partitionKey", "a cookie of a partition is given, taken back and deleted", async (page) => {
  const origin = site.replace("127.0.0.1", "localhost");
  await page.goto(`${origin}/`);
  await page.setCookie({ name: "chip", value: "1", secure: true, sameSite: "None", partitionKey: "http://localhost" });
  const [chip] = await page.cookies();
  assert.equal(chip.partitionKey, "http://localhost");
  await page.deleteCookie(chip);
  assert.deepEqual(await page.cookies(), []);
  await page.setCookie(chip);
  assert.deepEqual(await page.cookies(), [chip]);
  await page.deleteCookie("chip");
  assert.deepEqual(await page.cookies(), []);
});

feature("cookies of other URLs", "cookies gives those of the URLs that it is asked for", async (page) => {
  await page.goto(`${site}/`);
  await page.setCookie({ name: "a", value: "1" });
  await page.goto("about:blank");
  assert.deepEqual(
    (await page.cookies(`${site}/`)).map(({ name }) => name),
    ["a"],
  );
  await page.clearCookies();
});

feature("setCookie of another URL", "a cookie is set for a URL that the page is not at", async (page) => {
  await page.setCookie({ name: "a", value: "1", url: `${site}/` });
  assert.equal(await sent(page), "a=1");
  await page.clearCookies();
});

test("a session cookie expires at -1", () =>
  withJar(async (page) => {
    await page.goto(`${site}/sets`);
    const [{ name, expires, httpOnly }] = await page.cookies();
    assert.deepEqual([name, expires, httpOnly], ["fromserver", -1, true]);
  }));

test("deleteCookie deletes that one", () =>
  withJar(async (page) => {
    await page.setCookie({ name: "a", value: "1" }, { name: "b", value: "2" });
    await page.deleteCookie({ name: "a" });
    assert.equal(await sent(page), "b=2");
  }));

test("deleteCookie says whether there was one, and cookies agrees", () =>
  withJar(async (page) => {
    await page.setCookie({ name: "a", value: "1", path: "/" }, { name: "b", value: "2", path: "/" });
    assert.equal(await page.deleteCookie("none"), false);
    assert.equal(await page.deleteCookie({ name: "a", domain: "127.0.0.1" }), true);
    assert.equal(await page.deleteCookie("a"), false);
    assert.deepEqual([(await page.cookies()).length, (await page.property("cookies")).length], [1, 1]);
    assert.equal(await page.deleteCookie({ name: "a" }, { name: "b" }), true);
    assert.deepEqual([await page.cookies(), await page.property("cookies")], [[], []]);
  }));

test("a cookie's end that is given in milliseconds is a warning, and the cookie is set", () =>
  withJar(async (page) => {
    const warned = once(process, "warning");
    await page.setCookie({ name: "a", value: "1", expires: Date.now() + 3_600_000 });
    assert.match((await warned)[0].message, /"expires" of "a".*seconds.*milliseconds/);
    const [{ name, session }] = await page.cookies();
    assert.deepEqual([name, session], ["a", false]);
  }));

feature(
  "setCookie with a partitionKey",
  "deleteCookie by name deletes the cookie of every partition in which cookies finds it",
  async (page) => {
    const origin = site.replace("127.0.0.1", "www.localhost");
    await page.goto(`${origin}/`);
    const chip = { name: "chip", secure: true, sameSite: /** @type {const} */ ("None") };
    await page.setCookie(
      { ...chip, value: "1", partitionKey: "http://www.localhost" },
      { ...chip, value: "2", partitionKey: { sourceOrigin: "http://localhost", hasCrossSiteAncestor: true } },
      { ...chip, value: "3" },
    );
    const before = await page.cookies();
    assert.notEqual(before.length, 0);
    assert.equal(await page.deleteCookie("chip"), true);
    assert.deepEqual(await page.cookies(), []);
    assert.equal(await page.deleteCookie("chip"), false);
  },
);

test("clearCookies deletes all", () =>
  withJar(async (page) => {
    await page.setCookie({ name: "a", value: "1" });
    await page.clearCookies();
    assert.deepEqual(await page.cookies(), []);
  }));

test("phantom's cookies have phantom's members", () =>
  withJar(async (page) => {
    assert.equal(
      await page.addCookie({ name: "a", value: "1", path: "/", httponly: true, expires: Date.now() + 3_600_000 }),
      true,
    );
    const [cookie] = await page.property("cookies");
    assert.deepEqual(
      [cookie.name, cookie.httponly, typeof cookie.expires, typeof cookie.expiry],
      ["a", true, "string", "number"],
    );
    await page.deleteCookie("a");
    assert.deepEqual(await page.property("cookies"), []);
  }));

test("a cookie without a place is refused where there is no site", () =>
  withPage(async (page) => {
    await assert.rejects(page.setCookie({ name: "a", value: "1" }), {
      code: "ERR_INVALID_OPTION",
      message: /At least one of the url and domain needs to be specified for the cookie "a"/,
    });
  }));

test("an unknown member is a warning that names the nearest one", () =>
  withPage(async (page) => {
    /** @type {Promise<void>} */
    const warned = new Promise((resolve) => {
      const hear = (/** @type {Error} */ { message }) => {
        if (!/did you mean "httpOnly"/.test(message)) return;
        process.off("warning", hear);
        resolve();
      };
      process.on("warning", hear);
    });
    await page.setCookie(/** @type {any} */ ({ name: "a", value: "1", url: site, httponly: true }));
    await warned;
  }));

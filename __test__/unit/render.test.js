// What the arguments of `npx boomtown render` stand for: inputs, outputs and settings, without a browser.

const { describe, test } = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { glob } = require("../../lib/render/glob.js");
const { inputsOf } = require("../../lib/render/inputs.js");
const { planOutputs } = require("../../lib/render/outputs.js");
const { Bar, Lines } = require("../../lib/render/progress.js");
const { settingsOf } = require("../../lib/render/settings.js");
const { scratch } = require("../helpers/town.js");

/** @param {...string} files @returns {string} the folder that has them */
function folderWith(...files) {
  const folder = scratch();
  for (const file of files) {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), "");
  }
  return folder;
}

describe("a pattern", () => {
  const FILES = [
    "a.html",
    "b.html",
    "c.htm",
    "page10.html",
    "page2.html",
    ".hidden.html",
    "sub/d.html",
    "sub/deep/e.html",
  ];
  /** @type {[string, string[]][]} */
  const PATTERNS = [
    ["?.html", ["a.html", "b.html"]],
    ["[!a].html", ["b.html"]],
    ["[ac].{htm,html}", ["a.html", "c.htm"]],
    ["page*.html", ["page2.html", "page10.html"]],
    ["sub/*.html", ["sub/d.html"]],
    ["*/*/*.html", ["sub/deep/e.html"]],
    ["sub/**/*.html", ["sub/d.html", "sub/deep/e.html"]],
    ["sub/**", ["sub/d.html", "sub/deep/e.html"]],
    [".*.html", [".hidden.html"]],
    ["x*", []],
  ];
  for (const [pattern, expected] of PATTERNS) {
    test(`${pattern} finds what it finds in a shell, with numbers in their order`, () => {
      const folder = folderWith(...FILES);
      const found = glob(path.join(folder, pattern)).map((file) => path.relative(folder, file).replaceAll("\\", "/"));
      assert.deepEqual(found, expected);
    });
  }

  test("that goes through all folders does not follow a link to a folder above", () => {
    const folder = folderWith("a/b.html");
    fs.symlinkSync(folder, path.join(folder, "a/loop"));
    assert.deepEqual(glob(path.join(folder, "**/*.html")), [path.join(folder, "a/b.html")]);
  });
});

describe("an input", () => {
  test("that is a file with the letters of a pattern is that file", () => {
    const file = path.join(folderWith("a[1].html"), "a[1].html");
    assert.deepEqual(
      inputsOf([file]).map(({ name, stem }) => [name, stem]),
      [[file, "a[1]"]],
    );
  });

  test("with a number sign in its name is opened whole", () => {
    const [{ url }] = inputsOf([path.join(folderWith("a#b.html"), "a#b.html")]);
    assert.match(String(url), /a%23b\.html$/);
  });

  test("that is a URL is called by host, path and query", () => {
    assert.equal(inputsOf(["https://example.com:8080/a/b.html?c=1#d"])[0].stem, "example.com-8080-a-b.html-c-1");
  });

  /** @type {[string, RegExp][]} */
  const PROBLEMS = [
    ["missing.html", /no such file/],
    ["missing/*.html", /ENOENT|no file matches/],
    ["*.missing", /no file matches/],
    ["http://", /not a valid URL/],
    ["javascript:alert(1)", /no such file \(a URL begins with/],
    ["file:///missing.html", /no such file/],
    [".", /is a folder; name its files/],
  ];
  for (const [word, problem] of PROBLEMS) {
    test(`${word} is a problem of its own, beside which others go on`, () => {
      const [bad, good] = inputsOf([word, "https://example.com/"]);
      assert.match(String(bad.problem), problem);
      assert.equal(bad.name, word);
      assert.equal(good.problem, undefined);
    });
  }
});

describe("an output", () => {
  const ONE = inputsOf(["https://example.com/a"]);
  const TWO = inputsOf(["https://example.com/a", "https://example.com/b"]);

  for (const [ending, type] of Object.entries({ png: "png", jpg: "jpeg", JPEG: "jpeg", webp: "webp", pdf: "pdf" })) {
    test(`that ends in .${ending} is ${type}`, () => {
      assert.equal(planOutputs(ONE, `x.${ending}`).jobs[0].type, type);
    });
  }

  test("that is no file's name is a folder, for outputs with the inputs' names", () => {
    const { jobs, folder } = planOutputs(TWO, "out", "pdf");
    assert.equal(folder, "out");
    assert.deepEqual(
      jobs.map(({ output }) => output),
      [path.join("out", "example.com-a.pdf"), path.join("out", "example.com-b.pdf")],
    );
  });

  test("that is a folder with an ending is that folder", () => {
    const folder = path.join(scratch(), "x.pdf");
    fs.mkdirSync(folder);
    assert.equal(planOutputs(ONE, folder).jobs[0].output, path.join(folder, "example.com-a.png"));
  });

  /** @type {[string, string[], string, ("png" | "pdf") | undefined, RegExp][]} */
  const REFUSED = [
    [
      "several inputs for one file",
      ["https://a.example", "https://b.example"],
      "x.png",
      undefined,
      /one input, and there are 2/,
    ],
    ["several inputs for standard output", ["https://a.example", "https://b.example"], "-", undefined, /one input/],
    ["an ending that is none", ["https://a.example"], "x.gif", undefined, /ends in \.png/],
    ["another type than the ending says", ["https://a.example"], "x.pdf", "png", /is no png/],
    ["two URLs of one name", ["https://a.example/b?c", "https://a.example/b/c"], "out/", undefined, /would both be/],
  ];
  for (const [what, words, out, type, why] of REFUSED) {
    test(`${what} is refused`, () => assert.throws(() => planOutputs(inputsOf(words), out, type), why));
  }

  test("two files of one name in different folders are refused with both names", () => {
    const folder = folderWith("a/index.html", "b/index.html");
    const [a, b] = ["a", "b"].map((name) => path.join(folder, name, "index.html"));
    assert.throws(
      () => planOutputs(inputsOf([a, b]), "out/"),
      ({ message }) => message.includes(a) && message.includes(b),
    );
  });

  test("one that would overwrite an input is refused, by whatever name", () => {
    const folder = folderWith("a.png");
    fs.symlinkSync(folder, `${folder}-link`);
    try {
      assert.throws(
        () => planOutputs(inputsOf([path.join(folder, "a.png")]), `${folder}-link/a.png`),
        /overwrite an input/,
      );
    } finally {
      fs.unlinkSync(`${folder}-link`);
    }
  });
});

describe("settings", () => {
  /** @param {string} out @param {string} [word] */
  const jobs = (out, word = "https://example.com/") => planOutputs(inputsOf([word]), out).jobs;

  test("have what the options say", () => {
    const { viewport, waits, headers, cookies, scale, pdf } = settingsOf(
      {
        viewport: "1280x800",
        wait: ["networkidle", "250", "#done"],
        header: ["X-One: 1", "Authorization: Basic a:b"],
        cookie: ["a=b=c", "d=e; Domain=example.com; Path=/x; Secure; HttpOnly; SameSite=lax"],
        scale: "0.5",
        margin: "1cm 20mm",
        format: "A4",
      },
      jobs("x.pdf"),
    );
    assert.deepEqual(viewport, { width: 1280, height: 800 });
    assert.deepEqual(waits, [
      { kind: "networkidle" },
      { kind: "time", milliseconds: 250 },
      { kind: "selector", selector: "#done" },
    ]);
    assert.deepEqual(headers, { "X-One": "1", Authorization: "Basic a:b" });
    assert.deepEqual(cookies, [
      { name: "a", value: "b=c" },
      { name: "d", value: "e", domain: "example.com", path: "/x", secure: true, httpOnly: true, sameSite: "Lax" },
    ]);
    assert.equal(scale, 0.5);
    assert.deepEqual(pdf.margin, { top: "1cm", right: "20mm", bottom: "1cm", left: "20mm" });
  });

  /** @type {[import("../../lib/render/settings.js").Given, string, RegExp][]} */
  const REFUSED = [
    [{ viewport: "0x5" }, "x.png", /--viewport is WIDTHxHEIGHT.*not "0x5"/],
    [{ viewport: "800" }, "x.png", /--viewport is WIDTHxHEIGHT/],
    [{ scale: "3" }, "x.pdf", /--scale is a number from 0\.1 to 2, not "3"/],
    [{ quality: "101" }, "x.jpg", /--quality is a whole number from 0 to 100/],
    [{ quality: "50" }, "x.png", /--quality is for jpeg and webp/],
    [{ "full-page": true }, "x.pdf", /--full-page is for pictures/],
    [{ landscape: true }, "x.png", /--landscape is for PDFs/],
    [{ "full-page": true, selector: "p" }, "x.png", /exclude each other/],
    [{ format: "A11" }, "x.pdf", /--format.*A11/],
    [{ margin: "1furlong" }, "x.pdf", /--margin.*1furlong/],
    [{ margin: "1 2 3 4 5" }, "x.pdf", /--margin has one to four lengths/],
    [{ header: ["nothing"] }, "x.png", /--header is "Name: value"/],
    [{ header: ["A: b\r\nC: d"] }, "x.png", /--header is "Name: value"/],
    [{ cookie: ["nothing"] }, "x.png", /--cookie is "name=value"/],
    [{ cookie: ["a=b; Colour=red"] }, "x.png", /"colour" is none of/],
    [{ wait: [" "] }, "x.png", /--wait is ready, load/],
  ];
  for (const [given, out, why] of REFUSED) {
    test(`${JSON.stringify(given)} for ${out} is refused`, () =>
      assert.throws(() => settingsOf(given, jobs(out)), why));
  }

  test("a cookie without a domain is refused where an input has none", () => {
    assert.throws(() => settingsOf({ cookie: ["a=b"] }, jobs("x.png", "data:text/html,")), /--cookie a: .* no site/);
  });
});

describe("progress", () => {
  const [job] = planOutputs(inputsOf(["https://example.com/"]), "x.png").jobs;

  test("is a line for each input that has ended", () => {
    let text = "";
    const lines = new Lines((more) => {
      text += more;
    });
    lines.done(job, { bytes: 1500, notReady: ["a picture is broken: y"], milliseconds: 7 });
    lines.failed(job, Object.assign(new Error("gone"), { code: "ERR_X" }));
    assert.deepEqual(text.split("\n"), [
      "warning https://example.com/: a picture is broken: y",
      "ok      https://example.com/ -> x.png (1.5 kB, 7 ms)",
      "failed  https://example.com/: ERR_X: gone",
      "",
    ]);
  });

  test("on a terminal is a bar that is never as wide as that", () => {
    /** @type {string[]} */
    const drawn = [];
    const bar = new Bar({ columns: 60, write: (text) => drawn.push(text) }, 2);
    bar.started({ ...job, input: { ...job.input, name: "long".repeat(100) } });
    bar.failed(job, new Error("gone"));
    assert.match(drawn[0], /░{30} {2}0\/2$/);
    for (const line of drawn.filter((text) => text.includes("░")))
      assert.ok(line.replace("\r\u001b[2K", "").length < 60);
    assert.match(drawn.join(""), /failed {2}https:\/\/example\.com\/: gone\n/);
    assert.match(String(drawn.at(-1)), /█{15}░{15} {2}1\/2 {2}1 failed/);
  });
});

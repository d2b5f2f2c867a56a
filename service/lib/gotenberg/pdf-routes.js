// The routes that make PDFs of PDFs. Files are taken in the order of their names.

const { pdfSteps, refuseMissing } = require("./pdf-fields.js");

/** @typedef {import("./routes.js").Route} Route */
/** @typedef {import("./pdf/worker.js").Step} Step */
/** @typedef {InstanceType<typeof import("./form.js").Form>} Form */
/** @typedef {import("./pdf/outline.js").Bookmark} Bookmark */

/** @param {(form: Form, stem: string) => Step[]} stepsOf @returns {Route} */
const pdfRoute =
  (stepsOf) =>
  async ({ form, stem, edit }) => {
    const steps = stepsOf(form, stem);
    const files = form.requiredFilesOf(".pdf");
    form.check();
    refuseMissing(form);
    return await edit(files, steps);
  };

/** @type {Record<string, Route>} */
const PDF_ROUTES = {
  "/forms/pdfengines/merge": pdfRoute((form, stem) => {
    // Read for what is wrong with it: each file's own outline is kept anyway.
    form.truth("autoIndexBookmarks");
    const bookmarks = bookmarksField(form);
    const titleBookmarks = form.truth("titleBookmarks");
    const steps = pdfSteps(form).filter((step) => step.do !== "split");
    return [{ do: "merge", name: `${stem}.pdf`, bookmarks, titleBookmarks }, ...steps];
  }),
  "/forms/pdfengines/split": pdfRoute((form) => pdfSteps(form, { required: "splitMode" })),
  "/forms/pdfengines/flatten": pdfRoute(() => [{ do: "flatten" }]),
  "/forms/pdfengines/rotate": pdfRoute((form) =>
    pdfSteps(form, { required: "rotateAngle" }).filter((step) => step.do === "rotate"),
  ),
  "/forms/pdfengines/metadata/read": pdfRoute(() => [{ do: "readMetadata" }]),
  "/forms/pdfengines/metadata/write": pdfRoute((form) =>
    pdfSteps(form, { required: "metadata" }).filter((step) => step.do === "writeMetadata"),
  ),
  "/forms/pdfengines/bookmarks/read": pdfRoute(() => [{ do: "readBookmarks" }]),
  "/forms/pdfengines/bookmarks/write": pdfRoute((form) => {
    form.require("bookmarks");
    return [{ do: "writeBookmarks", bookmarks: bookmarksField(form) ?? [] }];
  }),
};

/** A list, or lists by the names of files. @param {Form} form @returns {Bookmark[] | Record<string, Bookmark[]> | undefined} */
function bookmarksField(form) {
  return form.json("bookmarks", undefined, (value) => {
    if (Array.isArray(value)) return value.map(bookmark);
    if (typeof value !== "object") throw new Error("wrong value, expected bookmarks");
    return Object.fromEntries(
      Object.entries(value).map(([name, list]) => {
        if (!Array.isArray(list)) throw new Error(`the bookmarks of '${name}' are no list`);
        return [name, list.map(bookmark)];
      }),
    );
  });
}

/** @param {any} value @returns {Bookmark} */
function bookmark(value) {
  const { title, page, children } = value ?? {};
  if (typeof title !== "string" || !Number.isInteger(page) || page < 1) {
    throw new Error("a bookmark has a title and a page, which is 1 or more");
  }
  if (children !== undefined && children !== null && !Array.isArray(children)) {
    throw new Error("the children of a bookmark are a list");
  }
  return { title, page, children: (children ?? []).map(bookmark) };
}

module.exports = { PDF_ROUTES };

// The fields that say what is made of PDFs, on Chromium's routes and on those for PDFs; and those for what is not here.

const { HttpError } = require("../errors.js");

/** @typedef {InstanceType<typeof import("./form.js").Form>} Form */
/** @typedef {import("./pdf/worker.js").Step} Step */

/** What is not here, by the fields that ask for it. @type {[string[], string][]} */
const MISSING = [
  [["pdfa"], "PDF/A"],
  [["pdfua"], "PDF/UA"],
  [["userPassword", "ownerPassword"], "encryption"],
  [["watermarkSource", "watermarkExpression"], "watermarks"],
  [["stampSource", "stampExpression"], "stamps"],
  [["optimizeImages"], "optimizing images"],
  [["facturxConformanceLevel", "facturxDocumentType"], "Factur-X"],
];
const MISSING_FILES = { embeds: "embedding files", watermark: "watermarks", stamp: "stamps", facturxXml: "Factur-X" };

/** Throws where more is wanted than there is: nothing is left out silently. @param {Form} form */
function refuseMissing(form) {
  for (const [names, what] of MISSING) {
    const name = names.find((one) => form.has(one) && !["false", "0"].includes(form.text(one)));
    if (name !== undefined) throw notHere(what, `the form field '${name}'`);
  }
  for (const [field, what] of Object.entries(MISSING_FILES)) {
    if (form.hasFilesIn(field)) throw notHere(what, `the files of '${field}'`);
  }
}

/** @param {string} what @param {string} asked */
const notHere = (what, asked) => new HttpError(400, `boomtown has no ${what}: leave out ${asked}`);

/**
 * Splitting, rotating and metadata, in this order.
 * @param {Form} form
 * @param {{ required?: "splitMode" | "rotateAngle" | "metadata" }} [options]
 * @returns {Step[]}
 */
function pdfSteps(form, { required } = {}) {
  if (required) form.require(required);
  const split = splitFields(form, required === "splitMode");
  const angle = form.field("rotateAngle", 0, (value) => {
    if (!["90", "180", "270"].includes(value)) throw new Error("wrong value, expected 90, 180, or 270");
    return Number(value);
  });
  const pages = form.text("rotatePages");
  const metadata = form.json("metadata", undefined, (value) => {
    if (typeof value !== "object" || Array.isArray(value)) throw new Error("wrong value, expected an object");
    return value;
  });
  return [
    ...(split ? [split] : []),
    .../** @type {Step[]} */ (angle === 0 ? [] : [{ do: "rotate", angle, pages }]),
    ...(form.truth("flatten") ? [/** @type {Step} */ ({ do: "flatten" })] : []),
    ...(metadata ? [/** @type {Step} */ ({ do: "writeMetadata", metadata })] : []),
  ];
}

/** @param {Form} form @param {boolean} required @returns {Step | undefined} */
function splitFields(form, required) {
  const mode = form.oneOf("splitMode", ["intervals", "pages"]);
  if (required || mode) form.require("splitSpan");
  const span = form.field("splitSpan", "", (value) => {
    const text = value.replaceAll(/\s/g, "");
    if (mode === "intervals" && !/^\d+$/.test(text)) throw new Error("wrong value, expected a whole number");
    if (mode === "intervals" && Number(text) < 1) throw new Error("value is inferior to 1");
    return text;
  });
  const unify = form.field("splitUnify", false, (value) => {
    const isSet = form.truth("splitUnify");
    if (isSet && mode !== "pages") throw new Error(`unify is not available for split mode '${mode}'`);
    return isSet && value !== "";
  });
  return mode ? { do: "split", mode: /** @type {"intervals" | "pages"} */ (mode), span, unify } : undefined;
}

module.exports = { notHere, pdfSteps, refuseMissing };

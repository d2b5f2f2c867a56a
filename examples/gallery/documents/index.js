// The documents of the gallery: how large the page of each is, what to wait for, and what to make of it.
// They are set in Noto (Sans, Serif, CJK, Color Emoji), and need nothing from the network.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

/**
 * @typedef {object} Description
 * @property {string} name       also the name of its files
 * @property {string} title
 * @property {string} shows      what it is a sample of
 * @property {{ width: number, height: number, deviceScaleFactor?: number }} viewport   CSS pixels
 * @property {Record<string, object>} outputs   for each type ("jpeg", "png", "pdf") the options of page.screenshot() or page.pdf()
 * @property {string} [waitFor]    a selector that is there once the page is complete
 * @property {number} [freezeAt]   ms into its animations at which they are held
 *
 * @typedef {Description & { html: string }} Document
 */

const A4 = { format: "A4", printBackground: true };

/** @type {Description[]} */
const descriptions = [
  {
    name: "ad-rectangle",
    title: "Halfmoon Coffee",
    shows: "Display ad, medium rectangle, at twice the pixels",
    viewport: { width: 300, height: 250, deviceScaleFactor: 2 },
    outputs: { jpeg: { quality: 85 }, png: {} },
  },
  {
    name: "ad-leaderboard",
    title: "Norrsken Night Ferries",
    shows: "Display ad, leaderboard",
    viewport: { width: 728, height: 90 },
    outputs: { jpeg: { quality: 90 } },
  },
  {
    name: "ad-billboard",
    title: "Night Atlas",
    shows: "Display ad, billboard",
    viewport: { width: 970, height: 250 },
    outputs: { jpeg: { quality: 88 } },
  },
  {
    name: "ad-skyscraper",
    title: "Fern & Ledger",
    shows: "Display ad, wide skyscraper",
    viewport: { width: 160, height: 600 },
    outputs: { jpeg: { quality: 90 }, png: {} },
  },
  {
    name: "ad-mobile",
    title: "Dial",
    shows: "Display ad, mobile banner, at three times the pixels",
    viewport: { width: 320, height: 50, deviceScaleFactor: 3 },
    outputs: { png: {} },
  },
  {
    name: "social-card",
    title: "What a bridge hears at night",
    shows: "Social card for shared links",
    viewport: { width: 1200, height: 630 },
    outputs: { jpeg: { quality: 85 }, png: {} },
  },
  {
    name: "invoice",
    title: "Invoice",
    shows: "A4 page, made to be a PDF",
    viewport: { width: 794, height: 1122 },
    outputs: { pdf: A4, png: {} },
  },
  {
    name: "certificate",
    title: "Certificate of Watch",
    shows: "A4 landscape, letters with stacked accents",
    viewport: { width: 1123, height: 793 },
    outputs: { pdf: { ...A4, landscape: true }, jpeg: { quality: 90 } },
  },
  {
    name: "ticket",
    title: "Night train ticket",
    shows: "Transparent PNG, a QR code in SVG, a PDF of its own size",
    viewport: { width: 718, height: 302 },
    outputs: { png: { omitBackground: true }, pdf: { width: "190mm", height: "80mm", printBackground: true } },
  },
  {
    name: "chart",
    title: "Bicycles over the bridge",
    shows: "SVG chart; vector in the PDF",
    viewport: { width: 960, height: 570 },
    outputs: { png: {}, pdf: { width: "960px", height: "570px", printBackground: true } },
  },
  {
    name: "dashboard",
    title: "Cold store dashboard",
    shows: "Figures, charts and a data table",
    viewport: { width: 1280, height: 790 },
    outputs: { png: {}, jpeg: { quality: 80 } },
  },
  {
    name: "article",
    title: "The line, the page and the pause",
    shows: "Long article: the full page in one picture, several pages in the PDF",
    viewport: { width: 900, height: 1100 },
    outputs: {
      jpeg: { quality: 80, fullPage: true },
      pdf: { format: "A4", margin: { top: "22mm", right: "28mm", bottom: "22mm", left: "28mm" } },
    },
  },
  {
    name: "cjk",
    title: "Tea in three scripts",
    shows: "Chinese, Japanese with ruby and vertical lines, Korean",
    viewport: { width: 1000, height: 700 },
    outputs: { png: {}, jpeg: { quality: 85 } },
  },
  {
    name: "right-to-left",
    title: "The open library",
    shows: "Arabic and Hebrew: shaping, points, numbers and Latin words in between",
    viewport: { width: 1000, height: 640 },
    outputs: { png: {}, pdf: { width: "1000px", height: "640px", printBackground: true } },
  },
  {
    name: "emoji",
    title: "Emoji",
    shows: "Joined sequences, skin tones, flags, keycaps",
    viewport: { width: 900, height: 640 },
    outputs: { png: {} },
  },
  {
    name: "departures",
    title: "Departures",
    shows: "A font embedded as a data: URI",
    viewport: { width: 1100, height: 620 },
    waitFor: ".fonts-loaded",
    outputs: { png: {}, jpeg: { quality: 85 } },
  },
  {
    name: "animation",
    title: "Orrery",
    shows: "CSS animation, held at 2.6 seconds",
    viewport: { width: 800, height: 600 },
    freezeAt: 2600,
    outputs: { png: {} },
  },
  {
    name: "canvas",
    title: "Westerly, no. 7",
    shows: "Canvas drawing from a fixed seed",
    viewport: { width: 900, height: 600 },
    outputs: { png: {}, jpeg: { quality: 90 } },
  },
  {
    name: "late",
    title: "Tides at Saint-Malo",
    shows: "Built by a script 300 ms after load; the handler waits for it",
    viewport: { width: 720, height: 480 },
    waitFor: ".built",
    outputs: { png: {}, jpeg: { quality: 85 } },
  },
];

/** @type {Document[]} */
module.exports = descriptions.map((description) => ({
  ...description,
  html: fs.readFileSync(path.join(__dirname, `${description.name}.html`), "utf8"),
}));

// What not every engine can do with every browser. A test of such a feature is written with `feature` of page.js, which
// proves where the feature is missing that it is refused.

const CDP = ["cdp chromium"];
const CHROMIUM = ["cdp chromium", "webdriver chromium"];

/** The pairs of engine and browser that have a feature. Its name starts with the page's method that offers it. */
const FEATURES = {
  authenticate: CDP,
  cdp: CHROMIUM,
  "cookies of other URLs": CHROMIUM,
  emulateMedia: CHROMIUM,
  emulateTimezone: CHROMIUM,
  evaluateOnNewDocument: CHROMIUM,
  exposeFunction: CDP,
  "goto referer": CHROMIUM,
  "goto waitUntil networkidle0": CDP,
  "on console": CDP,
  "on crash": CDP,
  "on dialog": CDP,
  "on domcontentloaded": CDP,
  "on download": CDP,
  "on framenavigated": CDP,
  "on load": CDP,
  "on pageerror": CDP,
  "on popup": CDP,
  "on request": CDP,
  "on requestfailed": CDP,
  "on requestfinished": CDP,
  "on response": CDP,
  "on onAlert": CDP,
  "on onCallback": CDP,
  "on onClosing": CDP,
  "on onConfirm": CDP,
  "on onConsoleMessage": CDP,
  "on onError": CDP,
  "on onFilePicker": CDP,
  "on onInitialized": CDP,
  "on onLoadFinished": CDP,
  "on onLoadStarted": CDP,
  "on onNavigationRequested": CDP,
  "on onPageCreated": CDP,
  "on onPrompt": CDP,
  "on onRepaintRequested": CDP,
  "on onResourceError": CDP,
  "on onResourceReceived": CDP,
  "on onResourceRequested": CDP,
  "on onResourceTimeout": CDP,
  "on onUrlChanged": CDP,
  "open with a method": CDP,
  "pdf headerTemplate": CHROMIUM,
  "property customHeaders": CHROMIUM,
  "property navigationLocked": CDP,
  "property onConfirm": CDP,
  "property onResourceRequested": CDP,
  playwright: CDP,
  puppeteer: CDP,
  "render to a picture": CHROMIUM,
  "renderBase64 to a picture": CHROMIUM,
  "renderBase64 to a PDF with paperSize.footer": CHROMIUM,
  "screenshot clip": CHROMIUM,
  "screenshot fullPage": CHROMIUM,
  "screenshot omitBackground": CHROMIUM,
  "screenshot optimizeForSpeed": CHROMIUM,
  setCacheEnabled: CHROMIUM,
  "setCookie of another URL": CHROMIUM,
  "setCookie with a partitionKey": CHROMIUM,
  setExtraHTTPHeaders: CHROMIUM,
  setGeolocation: CHROMIUM,
  setJavaScriptEnabled: CHROMIUM,
  setOfflineMode: CHROMIUM,
  setProxy: CDP,
  setRequestInterception: CDP,
  "setting javascriptEnabled": CHROMIUM,
  "setting loadImages": CDP,
  "setting password": CDP,
  "setting userAgent": CHROMIUM,
  "setting userName": CDP,
  setUserAgent: CHROMIUM,
  "setViewport below 500 pixels": CHROMIUM,
  "setViewport deviceScaleFactor": CHROMIUM,
  "setViewport isLandscape": CHROMIUM,
  "setViewport isMobile and hasTouch": CHROMIUM,
  waitForNetworkIdle: CDP,
};

/** @typedef {keyof typeof FEATURES} Feature */

/**
 * @param {Feature} feature
 * @param {string} here the engine and the browser
 */
function has(feature, here) {
  return FEATURES[feature].includes(here);
}

module.exports = { FEATURES, has };

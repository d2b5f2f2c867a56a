// What phantom's names remember of one page.

/** What PhantomJS starts a page with, and the engines' own security rules cannot depart from. */
const FIXED_SETTINGS = { localToRemoteUrlAccessEnabled: false, XSSAuditingEnabled: false, webSecurityEnabled: true };

class State {
  settings = new Map(Object.entries({ ...FIXED_SETTINGS, javascriptEnabled: true, loadImages: true }));
  properties = {
    clipRect: { top: 0, left: 0, width: 0, height: 0 },
    customHeaders: {},
    libraryPath: process.cwd(),
    navigationLocked: false,
    /** @type {any} */
    paperSize: {},
    zoomFactor: 1,
  };
  /** The navigations given up while an open runs: news of that may overtake the news that its time is over. @type {any[] | undefined} */
  aborted;
}

module.exports = { FIXED_SETTINGS, State };

// What phantom's names remember of one page.

/** What a page of PhantomJS starts with. */
const SETTINGS = {
  XSSAuditingEnabled: false,
  javascriptCanCloseWindows: true,
  javascriptCanOpenWindows: true,
  javascriptEnabled: true,
  loadImages: true,
  localToRemoteUrlAccessEnabled: false,
  webSecurityEnabled: true,
};

class State {
  /** As they were given. @type {Map<string, any>} */
  settings = new Map(Object.entries(SETTINGS));
  clipRect = { top: 0, left: 0, width: 0, height: 0 };
  /** @type {Record<string, string>} */
  customHeaders = {};
  libraryPath = process.cwd();
  navigationLocked = false;
  /** As it was given. @type {any} */
  paperSize = {};
  /** That phantom's names have given the page. @type {{ width: number, height: number } | undefined} */
  viewportSize;
  zoomFactor = 1;
  /** Whether the program has scrolled the page, of which pictures then show what is below. */
  scrolled = false;
  /** Names that PhantomJS does not know, which it keeps all the same. @type {Map<string, any>} */
  unknown = new Map();
}

module.exports = { SETTINGS, State };

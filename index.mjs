// The same for ES modules.

import boomtown from "./index.js";

export const { customQueryHandlers, ElementHandle, Frame, Item, JSHandle, Locator, Page, TimeoutError, Town } =
  boomtown;
export { boomtown };
export default boomtown;

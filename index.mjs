// The same for ES modules.

import boomtown from "./index.js";

export const { Item, Page, TimeoutError, Town } = boomtown;
export { boomtown };
export default boomtown;

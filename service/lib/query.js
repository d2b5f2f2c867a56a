// Queries as render requests: `options.type=jpeg&viewport.width=800` is { options: { type: "jpeg" }, viewport: { width: "800" } }.

/**
 * @param {string} text
 * @returns {Record<string, any>} a name given several times has an array
 */
function nested(text) {
  const query = empty();
  for (const [path, value] of new URLSearchParams(text)) {
    const names = path.split(".");
    const last = /** @type {string} */ (names.pop());
    let place = query;
    for (const name of names) {
      if (Object.prototype.toString.call(place[name]) !== "[object Object]") place[name] = empty();
      place = place[name];
    }
    place[last] = last in place ? [place[last], value].flat() : value;
  }
  return query;
}

/** Without a prototype, which a name of the client's could reach. @returns {Record<string, any>} */
const empty = () => Object.create(null);

module.exports = { nested };

// The API's page: the OpenAPI document as text, one route after the other.

/** @param {string} name @param {(Node | string)[]} children */
function element(name, ...children) {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

/** What a value has to be, in a line. @param {any} schema @returns {string} */
function typeOf({ type, enum: values, anyOf, items, properties }) {
  if (values) return values.join(" | ");
  if (anyOf) return anyOf.map(typeOf).join(" or ");
  if (items) return `list of ${typeOf(items)}`;
  if (properties) return `{ ${Object.keys(properties).join(", ")} }`;
  return [type].flat().join(" or ");
}

/** @param {string[][]} rows @param {string[]} heads */
function table(rows, heads) {
  const head = element("tr", ...heads.map((text) => element("th", text)));
  const body = rows.map(([name, text]) => element("tr", element("td", element("code", name)), element("td", text)));
  return element("table", element("thead", head), element("tbody", ...body));
}

async function show() {
  const { paths } = await (await fetch("/openapi.json")).json();
  const routes = [];
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, route] of Object.entries(methods)) {
      const summary = element("summary", element("code", `${method.toUpperCase()} ${path}`), ` ${route.summary}`);
      const parts = [summary];
      const properties = route.requestBody?.content["application/json"].schema.properties ?? {};
      const fields = Object.entries(properties).map(([name, schema]) => [name, typeOf(schema)]);
      if (fields.length) parts.push(table(fields, ["Field", "Type"]));
      const query = (route.parameters ?? []).map((/** @type {any} */ { name, schema }) => [name, typeOf(schema)]);
      if (query.length) parts.push(table(query, ["Query", "Type"]));
      const answers = Object.entries(route.responses).map(([status, answer]) => [
        status,
        /** @type {any} */ (answer).description,
      ]);
      parts.push(table(answers, ["Status", "Meaning"]));
      routes.push(element("details", ...parts));
    }
  }
  document.getElementById("routes")?.replaceChildren(...routes);
}

show();

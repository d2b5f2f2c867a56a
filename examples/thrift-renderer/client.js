// Asks the server for a picture of some HTML and writes it to a file.
// Usage: node client.js HTML WIDTH HEIGHT FILE [port]

const { writeFileSync } = require("node:fs");
// @ts-expect-error: thrift declares no types
const thrift = require("thrift");
const Renderer = require("./gen-nodejs/Renderer");

const [html, width, height, file, port = 1337] = process.argv.slice(2);
if (!file) {
  console.error("Usage: node client.js HTML WIDTH HEIGHT FILE [port]");
  process.exit(2);
}

main().catch((error) => {
  console.error(`${error.code ?? error.name}: ${error.message}`);
  process.exitCode = 1;
});

async function main() {
  const connection = thrift.createConnection("127.0.0.1", Number(port), {});
  const failed = new Promise((_, reject) => connection.on("error", reject));
  try {
    const client = thrift.createClient(Renderer, connection);
    const picture = await Promise.race([client.render(html, Number(width), Number(height)), failed]);
    writeFileSync(file, picture);
    console.log(`${file}: ${picture.length} bytes`);
  } finally {
    connection.end();
  }
}

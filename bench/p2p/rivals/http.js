// POST of JSON with undici to a server of node:http, connections kept alive.
import { once } from "node:events";
import { createServer } from "node:http";
import { Pool } from "undici";
import { answerTo, question } from "../payload.js";

export async function serve() {
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8");
    request.on("data", (part) => {
      text += part;
    });
    request.on("end", () => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(answerTo(JSON.parse(text))));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return `http://127.0.0.1:${port}`;
}

/** @param {unknown} _options @param {string} origin */
export function connect(_options, origin) {
  const pool = new Pool(origin, { connections: 64 });
  const headers = { "content-type": "application/json" };
  return async () => {
    const body = JSON.stringify(question);
    const answer = await pool.request({ path: "/search", method: "POST", headers, body });
    return await answer.body.json();
  };
}

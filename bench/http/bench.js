// GET of a small JSON body over 50 kept-alive connections. The server is another process: only the client counts.
import { HTTPClient } from "@net/http";
import { Agent, request } from "undici";
import { compare } from "../lib/compare.js";
import { startServer } from "./server.js";

const CONNECTIONS = 50;

await using server = await startServer();
await using http = new HTTPClient();
const pool = new Agent({ connections: CONNECTIONS });

await compare(`GET of JSON, ${CONNECTIONS} connections`, {
  operations: 20_000,
  variants: [
    variant("`undici.request`", async () => {
      const { body } = await request(server.url, { dispatcher: pool });
      await body.json();
    }),
    variant("`@net/http`, all defaults on", async () => {
      (await http.get(server.url)).json();
    }),
    variant("`fetch` of Node", async () => {
      await (await fetch(server.url)).json();
    }),
  ],
});
await pool.close();

/**
 * @param {string} name
 * @param {() => Promise<void>} once
 */
function variant(name, once) {
  return {
    name,
    run: async (/** @type {number} */ operations) => {
      let left = operations;
      const worker = async () => {
        while (left-- > 0) await once();
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, worker));
    },
  };
}

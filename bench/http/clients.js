import { Agent as NodeAgent } from "node:http";
import { HTTPClient } from "@net/http";
import axios from "axios";
import got from "got";
import ky from "ky";
import { Agent, request, fetch as undiciFetch } from "undici";

export const CONNECTIONS = 50;

/** Each makes one GET and reads its JSON, with the client's usual settings and, where it has them, 50 connections. */
export function clients() {
  const pool = new Agent({ connections: CONNECTIONS });
  const agent = new NodeAgent({ keepAlive: true, maxSockets: CONNECTIONS });
  const http = new HTTPClient();
  const narrow = new HTTPClient({ maxConnections: CONNECTIONS });
  const viaAxios = axios.create({ httpAgent: agent });
  const viaGot = got.extend({ agent: { http: agent } });
  /** @type {Record<string, (url: string) => Promise<unknown>>} */
  const ways = {
    "`undici.request`": async (url) => (await request(url, { dispatcher: pool })).body.json(),
    "`@net/http`, all defaults on": async (url) => (await http.get(url)).json(),
    "`@net/http`, 50 connections too": async (url) => (await narrow.get(url)).json(),
    "`fetch` of undici": async (url) => (await undiciFetch(url, { dispatcher: pool })).json(),
    "`fetch` of Node": async (url) => (await fetch(url)).json(),
    ky: (url) => ky(url).json(),
    axios: async (url) => (await viaAxios.get(url)).data,
    got: (url) => viaGot(url).json(),
  };
  const close = async () => {
    agent.destroy();
    await Promise.all([pool.close(), http.close(), narrow.close()]);
  };
  return { ways, [Symbol.asyncDispose]: close };
}

/**
 * Keeps as many requests under way as there are connections.
 *
 * @param {() => Promise<unknown>} once
 * @param {number} operations
 */
export async function many(once, operations) {
  let left = operations;
  const worker = async () => {
    while (left-- > 0) await once();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
}

// The official SDK over streamable HTTP, the specification of 2026-07-28.
import { once } from "node:events";
import { createServer } from "node:http";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { answerTo, question, questionShape } from "../payload.js";

const inputSchema = z.object(questionShape);

export async function serve() {
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: "bench", version: "1" });
    server.registerTool("search", { inputSchema }, async (asked) => ({
      content: [{ type: /** @type {const} */ ("text"), text: JSON.stringify(answerTo(asked)) }],
    }));
    return server;
  });
  const answer = toNodeHandler(handler);
  // Its types want no `undefined` where node:http's have one.
  const server = createServer((request, response) => {
    void answer(/** @type {any} */ (request), response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return `http://127.0.0.1:${port}/mcp`;
}

/** @param {unknown} _options @param {string} url */
export async function connect(_options, url) {
  const versionNegotiation = { mode: /** @type {const} */ ({ pin: "2026-07-28" }) };
  const client = new Client({ name: "bench", version: "1" }, { versionNegotiation });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return async () => {
    const { content } = await client.callTool({ name: "search", arguments: question });
    const [first] = content;
    return first?.type === "text" ? JSON.parse(first.text) : undefined;
  };
}

import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";

/** Starts this file as a process of its own, which ends with its parent. */
export async function startServer() {
  const child = fork(import.meta.filename, { execArgv: [] });
  const [port] = await once(child, "message");
  return {
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: async () => {
      child.disconnect();
      await once(child, "exit");
    },
  };
}

const body = JSON.stringify({ id: 1, name: "a small answer", tags: ["a", "b", "c"] });
const event = `data: ${JSON.stringify({ id: 1, choices: [{ delta: { content: "token" } }], filler: "x".repeat(30) })}\n\n`;
/** Written at once; a multiple would not end where events do. */
const BATCH = 400;

/**
 * @param {import("node:http").ServerResponse} response
 * @param {number} count
 */
async function sendEvents(response, count) {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const batch = Buffer.from(event.repeat(BATCH));
  let left = count;
  for (; left >= BATCH; left -= BATCH) {
    if (!response.write(batch)) await once(response, "drain");
  }
  response.end(event.repeat(left));
}

if (process.argv[1] === import.meta.filename && process.send) {
  const server = createServer((request, response) => {
    const [path, query] = (request.url ?? "").split("?");
    if (path === "/events") void sendEvents(response, Number(query));
    else response.setHeader("content-type", "application/json").end(body);
  });
  server.listen(0, "127.0.0.1", () => {
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    process.send?.(port);
  });
  process.once("disconnect", () => process.exit());
}

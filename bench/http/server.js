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

if (process.argv[1] === import.meta.filename && process.send) {
  const body = JSON.stringify({ id: 1, name: "a small answer", tags: ["a", "b", "c"] });
  const server = createServer((_, response) => {
    response.setHeader("content-type", "application/json").end(body);
  });
  server.listen(0, "127.0.0.1", () => {
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    process.send?.(port);
  });
  process.once("disconnect", () => process.exit());
}

import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { startProgram } from "./processes.js";

/** A nats-server on the loopback interface; undefined where none is installed. */
export async function startNats() {
  const port = await freePort();
  const server = startProgram("nats-server", ["-a", "127.0.0.1", "-p", `${port}`]);
  for (let i = 0; i < 50; i++) {
    if (await answers(port)) return { url: `nats://127.0.0.1:${port}`, ...disposing(server) };
    await wait(50);
  }
  await server[Symbol.asyncDispose]();
  console.log("\nNATS is left out: there is no nats-server here (Debian's package nats-server).");
  return undefined;
}

/** @param {AsyncDisposable} server */
function disposing(server) {
  return { [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}

/** @param {number} port */
async function answers(port) {
  const socket = connect({ host: "127.0.0.1", port });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

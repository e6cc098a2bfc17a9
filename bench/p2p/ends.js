import { freePort, startNats } from "./nats-server.js";
import { startPart } from "./processes.js";

/** @typedef {import("./rounds.js").Variant} Variant */

/** Switches our TLS off, to see what it costs. */
export const tls = !process.argv.includes("--no-tls");

/**
 * Two processes that call each other, of one kind.
 *
 * @param {AsyncDisposableStack} stack
 * @param {string} name
 * @param {string} rival
 * @param {object} options
 * @returns {Promise<Variant & { server: import("./processes.js").Part }>}
 */
export async function startPair(stack, name, rival, options = {}) {
  const server = stack.use(await startPart("end.js", "serve", rival, options));
  const caller = stack.use(await startPart("end.js", "call", rival, options, server.ready));
  return { name, caller, server };
}

/** We, by the executor: everything is on. @param {AsyncDisposableStack} stack */
export function startUs(stack) {
  return startPair(stack, "`DistributedExecutor.execute`", "mesh", { tls, by: "executor" });
}

/** @param {AsyncDisposableStack} stack */
export function startBareWs(stack) {
  return startPair(stack, "bare `ws` and JSON", "bare-ws");
}

/** All that answer calls: bare `ws` first, then we, then the others. @param {AsyncDisposableStack} stack */
export async function startAll(stack) {
  const variants = {
    bare: await startBareWs(stack),
    us: await startUs(stack),
    call: await startPair(stack, "`network.call`", "mesh", { tls, by: "call" }),
    nats: await startNatsPair(stack),
    moleculer: await startMoleculer(stack),
    libp2p: await startPair(stack, "libp2p, one stream", "libp2p"),
    http: await startPair(stack, "undici, HTTP", "http"),
    mcp: await startPair(stack, "MCP, streamable HTTP", "mcp"),
  };
  return variants;
}

/** @param {AsyncDisposableStack} stack */
async function startNatsPair(stack) {
  const server = stack.use(await startNats());
  if (!server) return undefined;
  return await startPair(stack, "NATS request-reply (its server's CPU not counted)", "nats", {
    url: server.url,
  });
}

/** @param {AsyncDisposableStack} stack */
async function startMoleculer(stack) {
  const ports = { server: await freePort(), client: await freePort() };
  return await startPair(stack, "moleculer, TCP", "moleculer", { ports });
}

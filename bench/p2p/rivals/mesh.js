import { setTimeout as wait } from "node:timers/promises";
import { DistributedExecutor, PeerNetwork } from "@net/p2p";
import { z } from "zod";
import { answerTo, question, questionShape } from "../payload.js";

/**
 * @typedef {object} MeshOptions
 * @property {boolean} [tls]
 * @property {boolean} [signed] each batch with Ed25519
 * @property {boolean} [relay]
 * @property {boolean} [crowded] whether many peers dial it from one host
 * @property {"executor" | "call"} [by] what asks
 * @property {string} [via] a relay's address
 */

/** All peers of the crowd seem to be one host, and share two cores while they all dial at once. */
const CROWDED = {
  ...{ maxPendingHandshakesPerHost: 64, handshakesPerSecondPerHost: 1_000 },
  handshakeTimeout: 20_000,
};

const jwtSecret = "a secret that is known to both ends, 32 bytes or more";

/** With everything on. @param {string} peerId @param {MeshOptions} options */
export async function startPeer(peerId, options) {
  const { tls = true, signed = false, relay = false, crowded = false } = options;
  const network = new PeerNetwork({
    ...{ peerId, host: "127.0.0.1", port: 0, jwtSecret, relay },
    ...(tls && { enableTLS: true }),
    ...(signed && { enableMessageSigning: true }),
    ...(crowded && { limits: CROWDED }),
  });
  await network.start();
  const isTls = network.address?.startsWith("wss:") ?? false;
  if (isTls !== tls) throw new Error(`${network.address} does not fit tls: ${tls}; see --no-tls`);
  return network;
}

/** @param {MeshOptions} options */
export async function serve(options) {
  const network = await startPeer("server", options);
  network.registerTool(
    {
      ...{ name: "search", idempotent: true, concurrency: 1024 },
      inputSchema: z.object(questionShape),
    },
    answerTo,
  );
  network.registerTool({ name: "bytes" }, chunks);
  if (options.via) await network.connect(options.via);
  return network.address;
}

/** A tool that streams. @param {any} args */
async function* chunks({ count, chunkBytes }) {
  const chunk = new Uint8Array(chunkBytes).fill(7);
  for (let i = 0; i < count; i++) yield chunk;
}

/** @param {MeshOptions} options @param {string} address the server's, or the relay's */
export async function connect(options, address) {
  const network = await startPeer("client", options);
  await network.connect(address);
  await canReach(network, "server");
  const deadlineMs = 5_000;
  if (options.by === "call") {
    return async () => (await network.call("server", "search", question, { deadlineMs })).value;
  }
  const executor = new DistributedExecutor(network.tools, network.router());
  return async () => (await executor.execute("search", question, {}, { deadlineMs })).value;
}

/** @param {MeshOptions} options @param {string} address */
export async function connectForBytes(options, address) {
  const network = await startPeer("client", options);
  await network.connect(address);
  return async (/** @type {number} */ bytes, /** @type {number} */ chunkBytes) => {
    const call = network.call("server", "bytes", {
      count: Math.ceil(bytes / chunkBytes),
      chunkBytes,
    });
    let received = 0;
    for await (const chunk of call.stream) {
      received += /** @type {Uint8Array} */ (chunk).byteLength;
    }
    await call;
    return received;
  };
}

/** @param {PeerNetwork} network @param {string} peerId */
async function canReach(network, peerId) {
  for (let i = 0; i < 500; i++) {
    const { nodes } = network.getTopologyGraph();
    if (nodes.some(({ id, hops }) => id === peerId && hops !== undefined)) return;
    await wait(20);
  }
  throw new Error(`${peerId} cannot be reached`);
}

// Bulk over `ws` and TLS, as careful code sends it: it waits while more than a mebibyte has not left.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import * as x509 from "@peculiar/x509";
import WebSocket, { WebSocketServer } from "ws";

const MAX_WAITING = 2 ** 20;

/** @param {{ tls: boolean }} options */
export async function serve({ tls }) {
  const http = tls ? createTlsServer(await certificate()) : createServer();
  new WebSocketServer({ server: http }).on("connection", (socket) => {
    socket.once("message", (asked) => void send(socket, JSON.parse(String(asked))));
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (http.address());
  return `${tls ? "wss" : "ws"}://127.0.0.1:${port}`;
}

/** @param {WebSocket} socket @param {{ count: number, chunkBytes: number }} asked */
async function send(socket, { count, chunkBytes }) {
  const chunk = new Uint8Array(chunkBytes).fill(7);
  for (let i = 0; i < count; i++) {
    const left = new Promise((resolve) => socket.send(chunk, resolve));
    if (socket.bufferedAmount > MAX_WAITING) await left;
  }
}

/** @param {unknown} _options @param {string} url */
export async function connect(_options, url) {
  return async (/** @type {number} */ bytes, /** @type {number} */ chunkBytes) => {
    // Its certificate is its own; what it costs to encrypt is the same.
    const socket = new WebSocket(url, { rejectUnauthorized: false });
    await once(socket, "open");
    socket.send(JSON.stringify({ count: Math.ceil(bytes / chunkBytes), chunkBytes }));
    let received = 0;
    await new Promise((resolve, reject) => {
      socket.once("close", reject);
      socket.on("message", (/** @type {Buffer} */ chunk) => {
        received += chunk.byteLength;
        if (received >= bytes) resolve(undefined);
      });
    });
    socket.terminate();
    return received;
  };
}

/** The kind that @net/p2p makes for itself too: P-256. */
async function certificate() {
  x509.cryptoProvider.set(webcrypto);
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ name: "CN=localhost", keys, signingAlgorithm: algorithm },
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const pem = `-----BEGIN PRIVATE KEY-----\n${key.toString("base64")}\n-----END PRIVATE KEY-----\n`;
  return { key: pem, cert: made.toString("pem") };
}

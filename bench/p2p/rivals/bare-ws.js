// `ws` and JSON, as one writes it in an hour: a number for each call, a map of those under way. With `sign` each message is
// signed with Ed25519, and checked, as node:crypto does it.
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { once } from "node:events";
import WebSocket, { WebSocketServer } from "ws";
import { answerTo, question } from "../payload.js";

/** Both ends have the same here, RFC 8410's frame around 32 bytes: what it costs is the same. */
const pkcs8 = Buffer.concat([
  Buffer.from("302e020100300506032b657004220420", "hex"),
  Buffer.alloc(32, 7),
]);
const privateKey = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
const publicKey = createPublicKey(privateKey);

/** @param {{ sign?: boolean }} options */
export async function serve(options) {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  server.on("connection", (socket) => {
    socket.on("message", (data) => {
      const { id, params } = read(data, options);
      socket.send(written({ id, result: answerTo(params) }, options));
    });
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return `ws://127.0.0.1:${port}`;
}

/** @param {{ sign?: boolean }} options @param {string} url */
export async function connect(options, url) {
  const socket = new WebSocket(url);
  await once(socket, "open");
  let last = 0;
  const underWay = new Map();
  socket.on("message", (data) => {
    const { id, result } = read(data, options);
    underWay.get(id)(result);
    underWay.delete(id);
  });
  return () =>
    new Promise((resolve) => {
      last += 1;
      underWay.set(last, resolve);
      socket.send(written({ id: last, method: "search", params: question }, options));
    });
}

/** @param {unknown} message @param {{ sign?: boolean }} options */
function written(message, options) {
  const text = JSON.stringify(message);
  if (!options.sign) return text;
  const bytes = Buffer.from(text);
  return Buffer.concat([sign(null, bytes, privateKey), bytes]);
}

/** @param {import("ws").RawData} data @param {{ sign?: boolean }} options */
function read(data, options) {
  const bytes = /** @type {Buffer} */ (data);
  if (!options.sign) return JSON.parse(bytes.toString());
  const text = bytes.subarray(64);
  if (!verify(null, text, publicKey, bytes.subarray(0, 64))) throw new Error("a wrong signature");
  return JSON.parse(text.toString());
}

// One long-lived stream with length-prefixed JSON, over TCP, Noise and Yamux. A stream for each call costs ten times as much.
import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import { tcp } from "@libp2p/tcp";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { answerTo, question } from "../payload.js";

const PROTOCOL = "/bench/1";

/** @param {string[]} listen */
function newNode(listen) {
  return createLibp2p({
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
  });
}

export async function serve() {
  const node = await newNode(["/ip4/127.0.0.1/tcp/0"]);
  await node.handle(PROTOCOL, (stream) => {
    receive(stream, ({ id, params }) => write(stream, { id, result: answerTo(params) }));
  });
  return `${node.getMultiaddrs()[0]}`;
}

/** @param {unknown} _options @param {string} address */
export async function connect(_options, address) {
  const node = await newNode([]);
  const stream = await node.dialProtocol(multiaddr(address), PROTOCOL);
  let last = 0;
  const underWay = new Map();
  receive(stream, ({ id, result }) => {
    underWay.get(id)(result);
    underWay.delete(id);
  });
  return () =>
    new Promise((resolve) => {
      last += 1;
      underWay.set(last, resolve);
      write(stream, { id: last, params: question });
    });
}

/** @typedef {Awaited<ReturnType<import("libp2p").Libp2p["dialProtocol"]>>} Stream */

/** @param {Stream} stream @param {unknown} message */
function write(stream, message) {
  const body = Buffer.from(JSON.stringify(message));
  const frame = Buffer.allocUnsafe(4 + body.length);
  frame.writeUInt32BE(body.length, 0);
  body.copy(frame, 4);
  stream.send(frame);
}

/** @param {Stream} stream @param {(message: any) => void} onMessage */
function receive(stream, onMessage) {
  let rest = Buffer.alloc(0);
  stream.addEventListener("message", ({ data }) => {
    rest = Buffer.concat([rest, data.subarray()]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const end = 4 + rest.readUInt32BE(0);
      onMessage(JSON.parse(rest.toString("utf8", 4, end)));
      rest = rest.subarray(end);
    }
  });
}

// Framed links over TCP on the loopback interface: frames that leave together against two writes per frame. Both
// ends run here, so a frame's cost is that of sending and of receiving it.
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { frameLink } from "@net/core/framing";
import { compare } from "../lib/compare.js";

/** @typedef {import("node:net").Socket} Socket */
/** @typedef {import("node:net").AddressInfo} AddressInfo */

const HEADER_BYTES = 5;

for (const { size, operations } of [
  { size: 64, operations: 400_000 },
  { size: 64 * 1024, operations: 20_000 },
]) {
  const variants = [
    { name: "`frameLink`: one tick's frames in few writes", send: sendFramed },
    { name: "naive: header and payload written each", send: sendNaively },
  ];
  await compare(`Frames of ${size} bytes over TCP`, {
    operations,
    variants: variants.map(({ name, send }) => ({
      name,
      run: (count) => deliver(send, size, count),
    })),
  });
}

/**
 * Sends `count` frames over a new connection and waits until all have arrived.
 *
 * @param {typeof sendFramed} send
 * @param {number} size
 * @param {number} count
 */
async function deliver(send, size, count) {
  const server = createServer({ noDelay: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {AddressInfo} */ (server.address());
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const [[accepted]] = await Promise.all([once(server, "connection"), once(socket, "connect")]);
  const receiver = frameLink(accepted, { remoteAddress: "tcp:sender" });
  const all = Promise.withResolvers();
  let received = 0;
  receiver.receive(() => {
    if (++received === count) all.resolve(undefined);
  });
  await send(socket, new Uint8Array(size), count);
  await all.promise;
  receiver.abort();
  socket.destroy();
  server.close();
  await once(server, "close");
}

/**
 * @param {Socket} socket
 * @param {Uint8Array} frame
 * @param {number} count
 */
async function sendFramed(socket, frame, count) {
  const link = frameLink(socket, { remoteAddress: "tcp:receiver" });
  for (let sent = 0; sent < count; sent++) {
    if (!link.send(frame)) await link.drained();
  }
}

/** The same bytes on the wire, as one writes them without a second thought. @type {typeof sendFramed} */
async function sendNaively(socket, frame, count) {
  for (let sent = 0; sent < count; sent++) {
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32BE(frame.byteLength, 1);
    socket.write(header);
    if (!socket.write(frame)) await once(socket, "drain");
  }
}

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createTLSServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { testCertificate as certificate } from "@net/core/testing";
import { WebSocketClient } from "@net/ws";
import { webSocketTransport } from "@net/ws/transport";
import { expect, onTestFinished, test } from "vitest";

/** RFC 6455, 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const text = Buffer.from("a frame of the dialling end");

/** A server that upgrades and shows the first frame as it was sent. */
async function firstFrame(isSecure: boolean) {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const server = isSecure ? createTLSServer(certificate) : createServer();
  server.on("upgrade", (request, stream: Duplex) => {
    const key = request.headers["sec-websocket-key"];
    const accept = createHash("sha1").update(`${key}${GUID}`).digest("base64");
    stream.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    stream.once("data", resolve);
    stream.on("error", () => {});
    onTestFinished(() => void stream.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { address: `${isSecure ? "wss" : "ws"}://127.0.0.1:${port}`, frame: promise };
}

const maskOf = (frame: Buffer): string => frame.subarray(2, 6).toString("hex");
const tls = { ca: certificate.cert };

test.each([true, false])(
  "frames of a transport are masked by zeros over TLS only: %s",
  async (isSecure) => {
    const { address, frame } = await firstFrame(isSecure);
    const link = await webSocketTransport(isSecure ? { tls: { ...certificate, ...tls } } : {}).dial(
      address,
    );
    link.send(text);
    const bytes = await frame;
    link.abort();

    expect((bytes[1] ?? 0) & 0x80).toBe(0x80);
    expect(maskOf(bytes) === "00000000").toBe(isSecure);
    expect(bytes.includes(text)).toBe(isSecure);
  },
);

test("a client's frames have a random mask over TLS too", async () => {
  const { address, frame } = await firstFrame(true);
  const ending = new AbortController();
  const client = new WebSocketClient(address, { tls, signal: ending.signal });
  await client.connect();
  await client.send(text);
  const bytes = await frame;
  ending.abort();

  expect(maskOf(bytes)).not.toBe("00000000");
});

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { Duplex, duplexPair } from "node:stream";
import { type CloseReason, type Link, NetworkError, ProtocolError, seededRng } from "@net/core";
import { frameLink } from "@net/core/framing";
import { expect, test } from "vitest";
import { FrameDecoder } from "../../src/framing/decoder.ts";
import { FrameType } from "../../src/framing/wire.ts";

const options = { remoteAddress: "tcp://test:1", maxFrameBytes: 1_000 };

function frame(type: number, payload: Uint8Array | string): Buffer {
  const body = Buffer.from(payload);
  const header = Buffer.alloc(5);
  header[0] = type;
  header.writeUInt32BE(body.length, 1);
  return Buffer.concat([header, body]);
}

/** A link, and the raw stream at its other end. */
function linkAndStream(): { link: Link; raw: ReturnType<typeof duplexPair>[1]; frames: string[] } {
  const [near, raw] = duplexPair();
  const link = frameLink(near, options);
  const frames: string[] = [];
  link.receive((bytes) => frames.push(Buffer.from(bytes).toString()));
  return { link, raw, frames };
}

test("the wire is a type byte, a big-endian length, the payload", async () => {
  const { link, raw } = linkAndStream();
  link.send(Buffer.from("hi"));
  link.send(Buffer.alloc(0));
  const [chunk] = (await once(raw, "data")) as [Buffer];

  expect(chunk.toString("hex")).toBe("00000000026869" + "0000000000");
  link.abort();
});

test("frames of one tick leave in one write, small ones copied together", async () => {
  const { link, raw } = linkAndStream();
  for (let i = 0; i < 100; i++) link.send(Buffer.from([i]));
  const [chunk] = (await once(raw, "data")) as [Buffer];

  expect(chunk.length).toBe(600);
  link.abort();
});

/** A link over a stream that takes one write, and says when it has left only when it is told to. */
function linkOverSlowStream(): { link: Link; writes: number[]; left: () => void } {
  const writes: number[] = [];
  let done: () => void = () => {};
  const take = (chunks: readonly Buffer[], callback: () => void): void => {
    writes.push(Buffer.concat(chunks).length);
    done = callback;
  };
  const stream = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _encoding, callback) => take([chunk], callback),
    writev: (chunks, callback) =>
      take(
        chunks.map(({ chunk }) => chunk as Buffer),
        callback,
      ),
  });
  const link = frameLink(stream, { ...options, maxFrameBytes: 100_000, highWaterMark: 1e6 });
  return { link, writes, left: () => done() };
}

test("what is flushed leaves at once, what is sent after it at the end of the tick", async () => {
  const { link, writes, left } = linkOverSlowStream();
  for (const size of [10, 20]) link.send(Buffer.alloc(size));
  expect(writes).toEqual([]);
  link.flush?.();
  link.flush?.();
  expect(writes).toEqual([40]);
  left();
  for (const size of [30, 40]) link.send(Buffer.alloc(size));
  expect(writes).toEqual([40]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(writes).toEqual([40, 80]);
  link.abort();
});

test("frames that were lent are returned when they have left, in their order, and not before", () => {
  const { link, writes, left } = linkOverSlowStream();
  const returned: string[] = [];
  const lend = (size: number, name: string): unknown =>
    link.lend?.(Buffer.alloc(size), () => returned.push(name));
  lend(50_000, "large");
  link.send(Buffer.alloc(100));
  lend(100, "small");
  link.send(Buffer.alloc(50_000));
  lend(200, "last");
  link.flush?.();
  expect(writes).toEqual([5 * 5 + 100_400]);
  expect(returned).toEqual([]);
  left();
  expect(returned).toEqual(["large", "small", "last"]);

  lend(50_000, "lost");
  link.flush?.();
  lend(100, "not even sent");
  link.abort();
  left();
  expect(returned).toEqual(["large", "small", "last"]);
});

test("however the bytes are cut, the same frames come out", () => {
  const rng = seededRng(3);
  const sizes = [0, 1, 4, 5, 6, 900, 1_000, 0, 17];
  const bytes = Buffer.concat(sizes.map((size, i) => frame(FrameType.data, Buffer.alloc(size, i))));
  for (let round = 0; round < 500; round++) {
    const decoder = new FrameDecoder(1_000);
    const seen: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      const end = at + Math.floor(rng.next() * 40);
      decoder.push(bytes.subarray(at, end));
      for (let next = decoder.next(); next; next = decoder.next()) {
        seen.push(Buffer.from(next.payload));
      }
      at = end;
    }
    expect(seen.map((payload) => payload.length)).toEqual(sizes);
    expect(seen.every((payload, i) => payload.every((byte) => byte === i))).toBe(true);
    expect(decoder.inFrame).toBe(false);
  }
});

test("a large frame that comes byte by byte, or is pushed before it was asked for, is whole", () => {
  const payload = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i & 0xff));
  const bytes = Buffer.concat([frame(FrameType.data, payload), frame(FrameType.data, "next")]);
  const dribbling = new FrameDecoder(200_000);
  const seen: Buffer[] = [];
  for (let at = 0; at < bytes.length; at++) {
    dribbling.push(bytes.subarray(at, at + 1));
    const next = dribbling.next();
    if (next) seen.push(Buffer.from(next.payload));
  }
  expect(seen.map((each) => each.length)).toEqual([200_000, 4]);
  expect(seen[0]?.equals(payload)).toBe(true);

  const flooded = new FrameDecoder(200_000);
  for (let at = 0; at < bytes.length; at += 50_000) flooded.push(bytes.subarray(at, at + 50_000));
  expect(Buffer.from(flooded.next()?.payload ?? []).equals(payload)).toBe(true);
  expect(flooded.inFrame).toBe(true);
  expect(Buffer.from(flooded.next()?.payload ?? []).toString()).toBe("next");
  expect(flooded.next()).toBeUndefined();
  expect(flooded.inFrame).toBe(false);
});

test.each([
  ["a frame over the limit", frame(FrameType.data, Buffer.alloc(1_001)), "FRAME_TOO_LARGE"],
  ["an endless length", Buffer.from([0, 0xff, 0xff, 0xff, 0xff]), "FRAME_TOO_LARGE"],
  ["a close frame over its limit", frame(FrameType.close, Buffer.alloc(1_025)), "FRAME_TOO_LARGE"],
  ["an unknown type", Buffer.from("GET / HTTP/1.1\r\n\r\n"), "PROTOCOL_ERROR"],
  ["a close frame that is no JSON", frame(FrameType.close, "bye"), "PROTOCOL_ERROR"],
  ["a close frame that is no object", frame(FrameType.close, "[]"), "PROTOCOL_ERROR"],
])("%s ends the link, and the other side is told", async (_name, bytes, code) => {
  const { link, raw, frames } = linkAndStream();
  raw.write(
    Buffer.concat([frame(FrameType.data, "before"), bytes, frame(FrameType.data, "after")]),
  );
  const [answer] = (await once(raw, "data")) as [Buffer];
  const reason = await link.closed;

  expect(NetworkError.is(reason.error, code as NetworkError["code"])).toBe(true);
  expect(frames).toEqual(["before"]);
  expect(answer[0]).toBe(FrameType.close);
  expect(answer.toString()).toContain(code === "PROTOCOL_ERROR" ? "protocol-error" : "too-large");
});

test.each([
  ["inside a frame", frame(FrameType.data, "whole").subarray(0, 7), ProtocolError],
  ["between frames, without a close frame", frame(FrameType.data, "whole"), NetworkError],
])("a stream that ends %s is lost, and says so", async (_name, bytes, kind) => {
  const { link, raw } = linkAndStream();
  raw.end(bytes);
  const reason = await link.closed;

  expect(reason).toMatchObject({ code: "lost", remote: true });
  expect(kind.is(reason.error)).toBe(true);
});

test("an unknown close code from a newer peer is a normal close", async () => {
  const { link, raw } = linkAndStream();
  raw.end(frame(FrameType.close, `{"code":"tired","message":"zzz"}`));

  expect(await link.closed).toEqual({ code: "normal", message: "zzz", remote: true });
});

test("codes that nobody says on the wire are not believed", async () => {
  const { link, raw } = linkAndStream();
  raw.end(frame(FrameType.close, `{"code":"lost","message":7}`));

  expect(await link.closed).toEqual({ code: "normal", message: "", remote: true });
});

test("random bytes never crash a link", async () => {
  const rng = seededRng(11);
  for (let round = 0; round < 200; round++) {
    const { link, raw } = linkAndStream();
    raw.on("error", () => {});
    raw.resume();
    const size = Math.floor(rng.next() * 64);
    raw.end(Buffer.from(Array.from({ length: size }, () => Math.floor(rng.next() * 4))));
    const reason: CloseReason = await link.closed;
    expect(reason.remote).toBe(true);
  }
});

test("a reset connection is lost, with the system's error as cause", async () => {
  const sockets = Promise.withResolvers<Socket>();
  const server = createServer(sockets.resolve).listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const link = frameLink(await sockets.promise, options);
  link.receive(() => {});
  socket.resetAndDestroy();
  const reason = await link.closed;
  server.close();

  expect(reason).toMatchObject({ code: "lost", error: { cause: { code: "ECONNRESET" } } });
});

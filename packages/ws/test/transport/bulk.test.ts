import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { Socket } from "node:net";
import type { Link } from "@net/core";
import { testCertificate as certificate } from "@net/core/testing";
import { webSocketTransport } from "@net/ws/transport";
import { expect, onTestFinished, test, vi } from "vitest";
import { WebSocket } from "ws";

type AbleLink = Link & Required<Pick<Link, "spent" | "flush">>;

const transport = webSocketTransport({ tls: { ...certificate, ca: certificate.cert } });
const digest = (frame: Uint8Array): string => createHash("sha1").update(frame).digest("hex");

async function meet(
  scheme: string,
): Promise<{ dialled: AbleLink; accepted: AbleLink } & AsyncDisposable> {
  const arrived = Promise.withResolvers<Link>();
  const listener = await transport.listen(`${scheme}://127.0.0.1:0`, arrived.resolve);
  const dialled = (await transport.dial(listener.address)) as AbleLink;
  const accepted = (await arrived.promise) as AbleLink;
  const end = async (): Promise<void> => {
    dialled.abort();
    await listener.close();
  };
  return { dialled, accepted, [Symbol.asyncDispose]: end };
}

/** The frames that come, all of them kept until the last one is there. */
function frames(link: Link, count: number): Promise<readonly Uint8Array[]> {
  const { promise, resolve } = Promise.withResolvers<readonly Uint8Array[]>();
  const kept: Uint8Array[] = [];
  link.receive((frame) => {
    kept.push(frame);
    if (kept.length === count) resolve(kept);
  });
  return promise;
}

/** Around what a TCP segment, a TLS record and a read of a socket hold, and in no order. */
const sizes = [0, 1, 125, 126, 300, 4_096, 16_380, 16_384, 16_390, 40_000, 65_536, 70_000, 200_000];
const mixed = Array.from({ length: 156 }, (_, i) => sizes[(i * 5) % sizes.length] ?? 0);

test.each([
  ["wss", "dialled"],
  ["wss", "accepted"],
  ["ws", "dialled"],
  ["ws", "accepted"],
] as const)(
  "over %s, frames that are kept stay what they are while more come to the end that %s",
  async (scheme, end) => {
    await using pair = await meet(scheme);
    const receiver = pair[end];
    const sender = end === "dialled" ? pair.accepted : pair.dialled;
    const received = frames(receiver, mixed.length);
    const digests: string[] = [];
    for (const size of mixed) {
      const frame = randomBytes(size);
      digests.push(digest(frame));
      if (!sender.send(frame)) await sender.drained();
    }

    expect((await received).map(digest)).toEqual(digests);
  },
);

test("a message in fragments, the last one empty, is what it was", async () => {
  const arrived = Promise.withResolvers<Link>();
  await using listener = await transport.listen("ws://127.0.0.1:0", arrived.resolve);
  const socket = new WebSocket(listener.address);
  await once(socket, "open");
  const link = await arrived.promise;
  const received = frames(link, 3);
  const first = randomBytes(2_000);
  const large = randomBytes(300_000);
  const sent = (data: Uint8Array, fin: boolean): Promise<void> =>
    new Promise((resolve) => socket.send(data, { fin }, () => resolve()));
  await sent(first, false);
  await sent(large.subarray(0, 150_000), false);
  socket.ping("and a ping between them");
  await sent(large.subarray(150_000), true);
  await sent(first, false);
  await sent(Buffer.alloc(0), true);
  await sent(large, true);

  const whole = Buffer.concat([first, large]);
  expect((await received).map(digest)).toEqual([whole, first, large].map(digest));
  socket.terminate();
});

test("what large frames came in is freed at once, at the end that dialled and at the other", async () => {
  await using pair = await meet("wss");
  const freed = vi.spyOn(ArrayBuffer.prototype, "transfer");
  onTestFinished(() => void freed.mockRestore());
  for (const [sender, receiver] of [
    [pair.dialled, pair.accepted],
    [pair.accepted, pair.dialled],
  ] as const) {
    freed.mockClear();
    const received = frames(receiver, 20);
    for (let n = 0; n < 20; n++) {
      if (!sender.send(randomBytes(100_000))) await sender.drained();
    }
    await received;
    // A TLS record holds 16 KiB.
    expect(freed.mock.calls.length).toBeGreaterThan(20 * 5);
  }
});

test.each(["ws", "wss"])(
  "over %s, what spent frames came in is freed, and frames that are kept stay what they are",
  async (scheme) => {
    await using pair = await meet(scheme);
    const freed = vi.spyOn(ArrayBuffer.prototype, "transfer");
    onTestFinished(() => void freed.mockRestore());
    const { promise: all, resolve } = Promise.withResolvers<void>();
    const seen: string[] = [];
    const kept: { readonly frame: Uint8Array; readonly digest: string }[] = [];
    pair.accepted.receive((frame) => {
      seen.push(digest(frame));
      // Every third one is kept, and of the others some are spent twice.
      if (seen.length % 3 === 0) kept.push({ frame, digest: digest(frame) });
      else for (let n = 0; n < seen.length % 4; n++) pair.accepted.spent(frame);
      if (seen.length === 300) resolve();
    });
    const sent: string[] = [];
    for (let n = 0; n < 300; n++) {
      const frame = randomBytes(n % 5 === 0 ? 40 : 10_000);
      sent.push(digest(frame));
      if (!pair.dialled.send(frame)) await pair.dialled.drained();
      // By itself, as a rule: then it is alone in what is read.
      if (n % 2 === 0) await new Promise((next) => setImmediate(next));
    }
    await all;

    expect(seen).toEqual(sent);
    expect(kept.map(({ frame }) => digest(frame))).toEqual(kept.map(({ digest }) => digest));
    expect(freed.mock.calls.length).toBeGreaterThan(0);
  },
);

test.each(["ws", "wss"])(
  "over %s, a flush sends what the end of the turn would",
  async (scheme) => {
    await using pair = await meet(scheme);
    const received = frames(pair.accepted, 3);
    const written = vi.spyOn(Socket.prototype, "_writev" as "write");
    onTestFinished(() => void written.mockRestore());
    for (const size of [10, 20]) pair.dialled.send(new Uint8Array(size));
    expect(written).toHaveBeenCalledTimes(0);
    pair.dialled.flush();
    pair.dialled.flush();
    expect(written).toHaveBeenCalledTimes(1);
    pair.dialled.send(new Uint8Array(30));

    expect((await received).map(({ byteLength }) => byteLength)).toEqual([10, 20, 30]);
  },
);

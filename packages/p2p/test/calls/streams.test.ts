import { settle } from "@net/core/testing";
import type { PeerNetwork } from "@net/p2p";
import { expect, test } from "vitest";
import { STREAM_WINDOW_BYTES } from "../../src/calls/stream-window.ts";
import { EndKind, encodeValue } from "../../src/wire/calls.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { TestNetwork } from "../support/test-network.ts";

/** Two peers that are as many links apart. */
async function apart(net: TestNetwork, hops: number): Promise<[PeerNetwork, PeerNetwork]> {
  const ids = ["caller", "relay", "callee"];
  const peers = await net.line(...(hops === 1 ? ["caller", "callee"] : ids));
  return [peers[0] as PeerNetwork, peers.at(-1) as PeerNetwork];
}

const CHUNK = 10_000;
const chunk = (n: number): Uint8Array => new Uint8Array(CHUNK).fill(n % 251);

/** A tool that streams so many chunks, and what it has streamed so far. */
function counting(callee: PeerNetwork, count: number): { sent: number; ended: boolean } {
  const state = { sent: 0, ended: false };
  callee.registerTool({ name: "count" }, async function* () {
    try {
      for (let n = 0; n < count; n++) {
        state.sent += 1;
        yield chunk(n);
      }
    } finally {
      state.ended = true;
    }
    return "counted";
  });
  return state;
}

test.each([1, 2])(
  "a stream over %i links comes whole and in order, and then the result",
  async (hops) => {
    await using net = new TestNetwork();
    const [caller, callee] = await apart(net, hops);
    counting(callee, 300);
    await settle();
    const call = caller.call("callee", "count");
    let n = 0;
    for await (const piece of call.stream) expect(piece).toEqual(chunk(n++));

    expect(n).toBe(300);
    expect(await call).toMatchObject({ value: "counted", hops });
  },
);

test.each([1, 2])(
  "over %i links a tool streams no faster than its stream is read",
  async (hops) => {
    await using net = new TestNetwork();
    const [caller, callee] = await apart(net, hops);
    const state = counting(callee, 300);
    await settle();
    const stream = caller.call("callee", "count").stream[Symbol.asyncIterator]();
    await stream.next();
    await net.clock.advance(1_000);
    const window = Math.ceil(STREAM_WINDOW_BYTES / CHUNK) + 2;
    expect(state.sent).toBeLessThan(window + 2);
    for (let n = 0; n < 100; n++) await stream.next();
    await net.clock.advance(1_000);

    expect(state.sent).toBeGreaterThan(100);
    expect(state.sent).toBeLessThan(100 + window + 2);
  },
);

test.each([1, 2])("over %i links the result does not overtake large chunks", async (hops) => {
  await using net = new TestNetwork();
  const [caller, callee] = await apart(net, hops);
  callee.registerTool({ name: "large" }, async function* () {
    for (let n = 0; n < 8; n++) yield new Uint8Array(100_000).fill(n);
    return "sent";
  });
  await net.calm();
  const call = caller.call("callee", "large");
  const chunks = await Array.fromAsync(call.stream, (piece) => (piece as Uint8Array)[0]);

  expect(chunks).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect((await call).value).toBe("sent");
});

test("who awaits the result only gets it, whatever the tool streams", async () => {
  await using net = new TestNetwork();
  const [caller, callee] = await apart(net, 1);
  counting(callee, 300);
  await settle();
  const call = caller.call("callee", "count");

  expect((await call).value).toBe("counted");
  const rest = Array.fromAsync(call.stream);
  await expect(rest).rejects.toMatchObject({ code: "OVERLOADED" });
});

test("whoever stops reading in the middle lets the tool go on to its end", async () => {
  await using net = new TestNetwork();
  const [caller, callee] = await apart(net, 1);
  const state = counting(callee, 300);
  await settle();
  const call = caller.call("callee", "count");
  for await (const _ of call.stream) break;

  expect((await call).value).toBe("counted");
  expect(state.sent).toBe(300);
});

test("cancelling a call ends the tool's stream, through a relay too", async () => {
  await using net = new TestNetwork();
  const [caller, callee] = await apart(net, 2);
  const state = counting(callee, 1_000);
  await settle();
  const controller = new AbortController();
  const call = caller.call("callee", "count", {}, { signal: controller.signal });
  const stream = call.stream[Symbol.asyncIterator]();
  await stream.next();
  controller.abort();
  await expect(Promise.resolve(call)).rejects.toMatchObject({ code: "ABORTED" });
  await settle();

  expect(state.ended).toBe(true);
  await expect(Array.fromAsync(call.stream)).rejects.toMatchObject({ code: "ABORTED" });
});

test("a stream of this peer itself is read as one of another is", async () => {
  await using net = new TestNetwork();
  const [caller] = await apart(net, 1);
  const state = counting(caller, 5);
  const call = caller.call("caller", "count");
  const stream = call.stream[Symbol.asyncIterator]();
  await stream.next();
  await settle();
  expect(state.sent).toBe(2);
  for (let n = 1; n < 5; n++) expect((await stream.next()).value).toEqual(chunk(n));

  expect(await stream.next()).toMatchObject({ done: true });
  expect((await call).value).toBe("counted");
});

test("a failure in the middle of a stream comes after what was streamed before it", async () => {
  await using net = new TestNetwork();
  const [caller, callee] = await apart(net, 1);
  callee.registerTool({ name: "breaks" }, async function* () {
    yield "one";
    throw new Error("it broke");
  });
  await settle();
  const call = caller.call("callee", "breaks");
  const seen: unknown[] = [];
  const reading = (async () => {
    for await (const piece of call.stream) seen.push(piece);
  })();

  await expect(reading).rejects.toMatchObject({
    code: "REMOTE_ERROR",
    message: expect.stringContaining("it broke"),
  });
  expect(seen).toEqual(["one"]);
  await expect(Promise.resolve(call)).rejects.toMatchObject({ code: "REMOTE_ERROR" });
});

test("a callee that streams more than it was allowed is cut off", async () => {
  await using net = new TestNetwork();
  const [caller] = await apart(net, 1);
  const evil = await RawPeer.join(net, "evil", "caller");
  const call = caller.call("evil", "flood");
  const stream = call.stream[Symbol.asyncIterator]();
  const first = stream.next();
  await settle();
  const number = Number(evil.said(EndKind.request)[0]?.[1]);
  try {
    for (let n = 0; n < STREAM_WINDOW_BYTES / CHUNK + 8; n++) {
      evil.link.send(encodeValue(EndKind.chunk, number, chunk(n)));
      await settle();
    }
  } catch {
    // The link was closed under it, as it must be.
  }
  await first;

  expect(await evil.link.closed).toMatchObject({ code: "protocol-error", remote: true });
  await expect(Promise.resolve(call)).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
});

test.each(["awaited only", "read once and left"])(
  "a stream without end that is %s does not stop its peer, and ends with the call",
  { timeout: 10_000 },
  async (how) => {
    await using net = new TestNetwork();
    const [caller, callee] = await apart(net, 1);
    const state = { ended: false };
    callee.registerTool({ name: "pour", concurrency: 4 }, async function* () {
      try {
        for (;;) yield 7;
      } finally {
        state.ended = true;
      }
    });
    callee.registerTool({ name: "still" }, () => "there");
    const controller = new AbortController();
    const call = caller.call("callee", "pour", {}, { signal: controller.signal });
    const ended = call.then(
      () => "ended",
      (error: unknown) => error,
    );
    if (how === "read once and left") for await (const _value of call.stream) break;
    await settle();
    expect(await caller.executeRemoteTool("callee", "still")).toBe("there");
    controller.abort();

    expect(await ended).toMatchObject({ code: "ABORTED" });
    await settle();
    expect(state.ended).toBe(true);
  },
);

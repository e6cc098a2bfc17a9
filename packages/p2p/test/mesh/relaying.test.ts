import { NetworkError } from "@net/core";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { FrameKind } from "../../src/wire/kinds.ts";
import { decodeNotice } from "../../src/wire/notice.ts";
import { encodeRouted, encodeRoutedHeader, RoutedFlag } from "../../src/wire/routed.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { TestNetwork } from "../support/test-network.ts";

test("a call goes over two hops and comes back", async () => {
  await using net = new TestNetwork();
  const [desktop, , gpuBox] = await net.line("desktop", "laptop", "gpu-box");
  gpuBox?.registerTool<{ text: string }>({ name: "upper" }, ({ text }, { caller }) => ({
    text: text.toUpperCase(),
    caller,
  }));

  const result = await desktop?.call("gpu-box", "upper", { text: "hello" });

  expect(result).toEqual({
    value: { text: "HELLO", caller: { peerId: "desktop", hops: 2 } },
    executedOn: "gpu-box",
    attempts: 1,
    hops: 2,
  });
  expect(desktop?.getConnectedPeers().map(({ peerId }) => peerId)).toEqual(["laptop"]);
});

test("bytes travel two hops as bytes, in both directions", async () => {
  await using net = new TestNetwork();
  const [desktop, , gpuBox] = await net.line("desktop", "laptop", "gpu-box");
  gpuBox?.registerTool<{ file: Uint8Array }>({ name: "reverse" }, ({ file }) => ({
    file: file.toReversed(),
  }));

  const file = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
  const answer = await desktop?.executeRemoteTool("gpu-box", "reverse", { file });

  expect(answer).toEqual({ file: file.toReversed() });
});

test("a peer that does not relay is no way, though its links are known", async () => {
  await using net = new TestNetwork();
  const [a, b, c] = await Promise.all([net.peer("a"), net.peer("b"), net.peer("c")]);
  await a.connect("memory:b");
  await c.connect("memory:b");
  await settle();

  expect(a.getTopologyGraph().nodes.map(({ id, hops }) => [id, hops])).toEqual([
    ["a", 0],
    ["b", 1],
    ["c", undefined],
  ]);
  await expect(a.call("c", "anything")).rejects.toMatchObject({
    ...{
      code: "NO_ROUTE",
      message: "cannot reach c: there is no way to it through peers that relay",
    },
  });
  expect(b.getConnectedPeers()).toHaveLength(2);
  expect(a.broadcast({ type: "hello" })).toBe(1);
});

test("the way goes round a peer that does not relay, though that is longer", async () => {
  await using net = new TestNetwork();
  const [a, , , d] = await net.line("a", "b", "c", "d");
  const shortcut = await net.peer("shortcut");
  await shortcut.connect("memory:a");
  await shortcut.connect("memory:d");
  d?.registerTool({ name: "here" }, () => "d");
  await settle();

  expect(await a?.call("d", "here")).toMatchObject({ value: "d", hops: 3 });
});

test("cancelling reaches the tool behind the relay, and the caller at once", async () => {
  await using net = new TestNetwork();
  const [desktop, , gpuBox] = await net.line("desktop", "laptop", "gpu-box");
  const stopped = Promise.withResolvers<unknown>();
  gpuBox?.registerTool({ name: "forever" }, (_, { signal }) => {
    signal.addEventListener("abort", () => stopped.resolve(signal.reason));
    return new Promise(() => {});
  });
  const controller = new AbortController();
  const call = desktop?.executeRemoteTool("gpu-box", "forever", {}, { signal: controller.signal });
  await settle();
  controller.abort(new Error("enough"));

  await expect(call).rejects.toMatchObject({ code: "ABORTED", cause: { message: "enough" } });
  expect(await stopped.promise).toMatchObject({ code: "ABORTED" });
  expect(NetworkError.is(await stopped.promise)).toBe(true);
});

test("the deadline travels as what is left of it, and ends the tool behind the relay", async () => {
  await using net = new TestNetwork();
  const [desktop, , gpuBox] = await net.line("desktop", "laptop", "gpu-box");
  const stopped = Promise.withResolvers<unknown>();
  gpuBox?.registerTool({ name: "forever" }, (_, { signal }) => {
    signal.addEventListener("abort", () => stopped.resolve(signal.reason));
    return new Promise(() => {});
  });
  // Nobody tells it to stop: it must know by itself.
  const call = desktop?.executeRemoteTool("gpu-box", "forever", {}, { deadlineMs: 2_000 });
  call?.catch(() => {});
  await settle();
  net.faults.partition(["desktop"]);
  await net.clock.advance(1_999);
  expect(await Promise.race([stopped.promise, Promise.resolve("running")])).toBe("running");
  await net.clock.advance(1);

  expect(await stopped.promise).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  await expect(call).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED", timeoutMs: 2_000 });
});

test("there is no way to somebody whom nobody knows", async () => {
  await using net = new TestNetwork();
  const [a] = await net.line("a", "b");

  await expect(a?.call("nobody", "x")).rejects.toMatchObject({ code: "NO_ROUTE", retryable: true });
  await expect(a?.send("nobody", { type: "x" })).rejects.toMatchObject({ code: "NO_ROUTE" });
});

test("seven hops are a way, eight are not", async () => {
  await using net = new TestNetwork();
  const [a, , , , , , , h, i] = await net.line("a", "b", "c", "d", "e", "f", "g", "h", "i");
  for (const peer of [h, i]) peer?.registerTool({ name: "here" }, () => peer.peerId);
  await settle();

  expect(await a?.call("h", "here")).toMatchObject({ value: "h", hops: 7 });
  await expect(a?.call("i", "here")).rejects.toMatchObject({ code: "NO_ROUTE" });
});

test("when the relay loses its link to the target, the caller knows as soon as the relay does", async () => {
  await using net = new TestNetwork();
  const [desktop, , gpuBox] = await net.line("desktop", "laptop", "gpu-box");
  gpuBox?.registerTool({ name: "forever" }, () => new Promise(() => {}));
  gpuBox?.registerTool({ name: "again", idempotent: true }, () => new Promise(() => {}));
  await settle();
  const calls = ["forever", "again"].map((tool) => desktop?.executeRemoteTool("gpu-box", tool));
  const keyed = desktop?.call("gpu-box", "forever", {}, { idempotencyKey: "k" });
  const ended = Promise.allSettled([...calls, keyed]);
  await settle();
  net.faults.loseLinks("laptop", "gpu-box");

  expect((await ended).map((end) => end.status === "rejected" && end.reason.code)).toEqual([
    "OUTCOME_UNKNOWN",
    "CONNECTION_LOST",
    "CONNECTION_LOST",
  ]);
});

test("a tool whose caller cannot be answered any more is told to stop", async () => {
  await using net = new TestNetwork();
  const [desktop, , gpuBox] = await net.line("desktop", "laptop", "gpu-box");
  const stopped = Promise.withResolvers<unknown>();
  gpuBox?.registerTool({ name: "forever" }, (_, { signal }) => {
    signal.addEventListener("abort", () => stopped.resolve(signal.reason));
    return new Promise(() => {});
  });
  const call = desktop?.executeRemoteTool("gpu-box", "forever");
  await settle();
  net.faults.loseLinks("desktop", "laptop");

  expect(await stopped.promise).toMatchObject({ code: "CONNECTION_LOST" });
  await expect(call).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
});

/** The first frame of a session that nobody has agreed on. */
const opening = (path: readonly string[]): Uint8Array =>
  encodeRouted(encodeRoutedHeader("00".repeat(8), path), RoutedFlag.open, new Uint8Array(32));

test("a relay says so when it cannot pass a frame on", async () => {
  await using net = new TestNetwork();
  await net.line("end", "relay", "other-end");
  const raw = await RawPeer.join(net, "raw", "relay");
  raw.link.send(opening(["raw", "relay", "nobody"]));
  await settle();

  const [frame] = raw.got(FrameKind.notice);
  expect(frame && decodeNotice(frame)).toMatchObject({
    ...{ hop: 1, path: ["relay", "raw"], session: "00".repeat(8), error: { code: "NO_ROUTE" } },
  });
});

test("a peer that does not relay says so to whoever tries", async () => {
  await using net = new TestNetwork();
  const [a] = await net.line("a", "b");
  const raw = await RawPeer.join(net, "raw", "a");
  raw.link.send(opening(["raw", "a", "b"]));
  await settle();

  const [frame] = raw.got(FrameKind.notice);
  expect(frame && decodeNotice(frame).error.message).toContain("through a, which does not relay");
  expect(a?.getConnectedPeers()).toHaveLength(2);
});

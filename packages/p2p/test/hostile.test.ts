import { type JsonObject, seededRng } from "@net/core";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { encodeRouted } from "../src/wire/envelope.ts";
import { encodeFrame } from "../src/wire/frame.ts";
import { encodeProof } from "../src/wire/handshake.ts";
import { FrameKind } from "../src/wire/kinds.ts";
import { encodePayload } from "../src/wire/payload.ts";
import { encodePing } from "../src/wire/probe.ts";
import { RawPeer } from "./support/raw-peer.ts";
import { TestNetwork } from "./support/test-network.ts";

/** A network with a caller, a relay and an adversary that is linked to both of the others. */
async function setUp(net: TestNetwork) {
  const [caller, , target] = await net.line("caller", "relay", "target");
  if (!caller || !target) throw new Error("a line of three has three peers");
  target.registerTool({ name: "true" }, () => "the truth");
  await settle();
  return { caller, target };
}

/** All frames that a peer may get once it is linked. */
const frames: readonly Uint8Array[] = [
  encodePing(1),
  encodeFrame(FrameKind.pong, { number: 1 }),
  encodeFrame(FrameKind.advert, {}, Buffer.from('{"linkState":{},"idempotent":[]}')),
  encodeRouted(FrameKind.message, ["evil", "relay"], { type: "x" }, encodePayload("hello")),
  encodeRouted(FrameKind.request, ["evil", "relay"], { id: "1", tool: "true" }, encodePayload(1)),
  encodeRouted(FrameKind.request, ["evil", "relay", "target"], { id: "2", tool: "true" }),
  encodeRouted(FrameKind.response, ["evil", "relay", "caller"], { id: "1", ok: true }),
  encodeRouted(FrameKind.cancel, ["evil", "relay", "target"], { id: "2" }),
  encodeRouted(FrameKind.progress, ["evil", "relay", "caller"], { id: "1" }, encodePayload(1)),
  encodeRouted(FrameKind.undelivered, ["evil", "relay", "caller"], { id: "1", lost: "request" }),
];

test("whatever a neighbour sends, nobody crashes and the others go on", {
  timeout: 30_000,
}, async () => {
  await using net = new TestNetwork();
  const { caller } = await setUp(net);
  const rng = seededRng(11);
  for (let round = 0; round < 300; round++) {
    const evil = await RawPeer.join(net, "evil", "relay");
    for (let count = 0; count < 5; count++) {
      try {
        evil.link.send(
          mutate(frames[Math.floor(rng.next() * frames.length)] ?? encodePing(1), rng),
        );
      } catch {
        // The peer has closed the link: what else is there to send.
      }
      await settle();
    }
    evil.link.abort();
    await settle();
  }

  expect(await caller.executeRemoteTool("target", "true")).toBe("the truth");
  expect(caller.getConnectedPeers()).toMatchObject([{ peerId: "relay" }]);
});

/** Cuts, flips bits, or leaves the frame as it is. */
function mutate(frame: Uint8Array, rng: { next(): number }): Uint8Array {
  const length = rng.next() < 0.3 ? Math.floor(rng.next() * frame.length) : frame.length;
  const mutated = frame.slice(0, length);
  const flips = Math.floor(rng.next() * 4);
  for (let flip = 0; flip < flips && length > 0; flip++) {
    const at = Math.floor(rng.next() * length);
    mutated[at] = (mutated[at] ?? 0) ^ (1 << Math.floor(rng.next() * 8));
  }
  return mutated;
}

test.each([
  ["on behalf of another peer", ["caller", "relay", "target"], 1],
  ["that was to come from elsewhere", ["caller", "evil", "relay"], 1],
  ["that is not for the peer it is sent to", ["evil", "target"], 1],
  ["beyond its path", ["evil", "relay"], 2],
  ["that goes in circles", ["evil", "relay", "evil"], 1],
])("a neighbour that sends a frame %s is cut off", async (_, path, hop) => {
  await using net = new TestNetwork();
  await setUp(net);
  const evil = await RawPeer.join(net, "evil", "relay");
  evil.link.send(encodeFrame(FrameKind.message, { path, type: "x" }, encodePayload(1), hop));

  expect(await evil.link.closed).toMatchObject({ remote: true });
});

test("a peer that is not on the way of a call cannot answer it, though it knows its id", async () => {
  await using net = new TestNetwork();
  const { caller, target } = await setUp(net);
  target.registerTool({ name: "slow" }, () => new Promise(() => {}));
  await settle();
  const evil = await RawPeer.join(net, "evil", "caller");
  const progress: unknown[] = [];
  const call = caller.call("target", "slow", {}, { deadlineMs: 1_000 });
  const heard = Array.fromAsync(call.progress, (step) => progress.push(step));
  // A call to the adversary tells it how the calls are numbered.
  const bait = caller.call("evil", "bait", {}, { deadlineMs: 1_000 });
  await settle();
  const baitId = String(evil.got(FrameKind.request)[0]?.header.id);
  const id = baitId.replace(/\d+$/, (number) => String(Number(number) - 1));

  const lie = encodePayload({ code: "CONFLICT", message: "a lie" });
  const say = (kind: FrameKind, fields: JsonObject): unknown =>
    evil.link.send(encodeRouted(kind, ["evil", "caller"], fields, lie));
  say(FrameKind.progress, { id });
  say(FrameKind.undelivered, { id, lost: "request" });
  say(FrameKind.response, { id, ok: false, ran: true });
  say(FrameKind.response, { id, ok: true });
  say(FrameKind.response, { id: baitId, ok: true });
  expect((await bait).value).toEqual({ code: "CONFLICT", message: "a lie" });
  await net.clock.advance(1_000);

  await expect(call).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  await heard;
  expect(progress).toEqual([]);
});

test("an error from another peer revives no prototype and no class of its choice", async () => {
  await using net = new TestNetwork();
  const { caller } = await setUp(net);
  const evil = await RawPeer.join(net, "evil", "caller");
  const call = caller.call("evil", "x");
  await settle();
  const id = String(evil.got(FrameKind.request)[0]?.header.id);
  const error = encodePayload({
    name: "Function",
    code: "NO_SUCH_CODE",
    message: "m".repeat(9_999),
  });
  const fields = { id, ok: false, ran: true };
  evil.link.send(encodeRouted(FrameKind.response, ["evil", "caller"], fields, error));

  await expect(call).rejects.toMatchObject({
    ...{ code: "REMOTE_ERROR", message: "m".repeat(4_096) },
  });
});

test.each<[string, JsonObject]>([
  ["an answer that says neither yes nor no", {}],
  ["a value that is no payload", { ok: true }],
  ["an error that is no payload", { ok: false, ran: true }],
])("%s ends the call that it answers", async (_, fields) => {
  await using net = new TestNetwork();
  const { caller } = await setUp(net);
  const evil = await RawPeer.join(net, "evil", "caller");
  const call = caller.call("evil", "x");
  await settle();
  const id = String(evil.got(FrameKind.request)[0]?.header.id);
  const garbage = Uint8Array.of(1, 2, 3);
  evil.link.send(encodeRouted(FrameKind.response, ["evil", "caller"], { id, ...fields }, garbage));

  await expect(call).rejects.toMatchObject({ code: "PROTOCOL_ERROR" });
});

test("a neighbour may not advertise for this peer itself, nor ids that fit no frame", async () => {
  await using net = new TestNetwork();
  const { caller } = await setUp(net);
  const evil = await RawPeer.join(net, "evil", "caller");
  const advert = (origin: string): Uint8Array =>
    encodeFrame(FrameKind.advert, {}, advertOf(origin, 2 ** 50));
  evil.link.send(advert("caller"));
  await settle();
  expect(await caller.executeRemoteTool("target", "true")).toBe("the truth");

  evil.link.send(advert("x".repeat(200)));
  expect(await evil.link.closed).toMatchObject({ code: "protocol-error", remote: true });
});

test.each([
  ["no advert", new Uint8Array()],
  ["half an advert", Buffer.from('{"idempotent":[]}')],
  ["the advert of another peer", advertOf("target", 1)],
])("a peer that comes with %s is not linked", async (_, advert) => {
  await using net = new TestNetwork();
  const { caller } = await setUp(net);
  const evil = await RawPeer.dial(net, "evil", "caller");
  evil.hello();
  await settle();
  evil.link.send(encodeProof({ credentials: {}, advert }));

  expect(await evil.link.closed).toMatchObject({ code: "protocol-error" });
  expect(caller.getConnectedPeers()).toHaveLength(1);
});

function advertOf(origin: string, epoch: number): Uint8Array {
  const lists = { links: [], capabilities: [], tools: [] };
  const linkState = { origin, epoch, seq: 1, ...lists, load: 0 };
  return Buffer.from(JSON.stringify({ linkState, idempotent: [] }));
}

import { seededRng, ValidationError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { MeshLiveness } from "../../src/liveness/mesh-liveness.ts";
import type { LivenessMessage, Probe, ProbeRequest } from "../../src/liveness/messages.ts";
import type { PeerLiveness } from "../../src/liveness/peer-liveness.ts";

/** One peer whose neighbours are this test: what it says to them, and what they say. */
class Bench implements Disposable {
  readonly clock = new FakeClock();
  readonly sent: { readonly to: string; readonly message: LivenessMessage }[] = [];
  readonly liveness: MeshLiveness;
  readonly changes: string[] = [];
  /** Who answers probes at once. */
  readonly answering = new Set<string>();

  constructor(...neighbours: readonly string[]) {
    this.liveness = new MeshLiveness({
      ...{ self: "me", clock: this.clock, rng: seededRng(1), heartbeatInterval: 5_000 },
      neighboursOf: (peerId) => ["me", ...neighbours].filter((id) => id !== peerId),
    });
    this.liveness.on("changed", (peerId, { state, reason }) => {
      this.changes.push(`${peerId} ${state} ${reason}`);
    });
    for (const peerId of neighbours) {
      this.answering.add(peerId);
      this.liveness.add({ peerId, send: (message) => this.#take(peerId, message) });
    }
  }

  get(peerId: string): PeerLiveness {
    const liveness = this.liveness.get(peerId);
    if (!liveness) throw new Error(`${peerId} is not watched`);
    return liveness;
  }

  say(from: string, message: LivenessMessage): void {
    this.liveness.get(from)?.heard();
    this.liveness.receive(from, message);
  }

  told(
    type: LivenessMessage["type"],
  ): { readonly to: string; readonly message: LivenessMessage }[] {
    return this.sent.filter(({ message }) => message.type === type);
  }

  [Symbol.dispose](): void {
    this.liveness[Symbol.dispose]();
  }

  #take(to: string, message: LivenessMessage): void {
    this.sent.push({ to, message });
    if (message.type !== "probe" || !this.answering.has(to)) return;
    const { number } = message;
    const ack = { type: "probe-ack", number, incarnation: 0, loopLagMs: 0, busy: false } as const;
    this.clock.setTimeout(() => this.say(to, ack), 1);
  }
}

test("a probe is answered at once, with how this peer is", () => {
  using bench = new Bench("b");
  bench.say("b", { type: "probe", number: 7 });
  const ack = { type: "probe-ack", number: 7, incarnation: 0, loopLagMs: 0, busy: false };
  expect(bench.told("probe-ack")).toEqual([{ to: "b", message: ack }]);
});

test("a heartbeat interval that is none is refused", () => {
  const options = { self: "me", clock: new FakeClock(), rng: seededRng(1), neighboursOf: () => [] };
  expect(() => new MeshLiveness({ ...options, heartbeatInterval: 0 })).toThrow(ValidationError);
});

test("round trips are told, and so are probes that came too late to count", async () => {
  using bench = new Bench("b");
  const told: unknown[] = [];
  bench.liveness.on("measured", (...args) => told.push(args));
  bench.liveness.on("lost", (peerId) => told.push(peerId));
  await bench.clock.advance(10);
  expect(told).toEqual([["b", 1, false]]);

  told.length = 0;
  bench.answering.delete("b");
  await bench.clock.advance(7_000);
  const first = bench.told("probe")[1]?.message as Probe;
  bench.say("b", {
    type: "probe-ack",
    number: first.number,
    incarnation: 0,
    loopLagMs: 0,
    busy: false,
  });
  expect(told.slice(0, 1)).toEqual(["b"]);
  expect(told.at(-1)).toMatchObject(["b", expect.any(Number), true]);
});

test("three others are asked about a silent neighbour, only those that answer themselves, and the suspect is told", async () => {
  using bench = new Bench("b", "c", "d", "e", "f", "g");
  await bench.clock.advance(10);
  bench.answering.delete("b");
  bench.get("b").asked();
  await bench.clock.advance(1_200);
  const helpers = bench.told("probe-request").map(({ to }) => to);
  expect(helpers).toHaveLength(3);
  expect(new Set(helpers).size).toBe(3);
  expect(helpers).not.toContain("b");

  await bench.clock.advance(800);
  expect(bench.changes).toEqual(["b suspect silent"]);
  const told = bench.told("suspect").map(({ to }) => to);
  expect(told.sort()).toEqual(["b", "c", "d", "e", "f", "g"]);
});

test("reports that were not asked for, of another round, or said twice, count for nothing", async () => {
  using bench = new Bench("b", "c", "d");
  await bench.clock.advance(10);
  bench.answering.delete("b");
  bench.get("b").asked();
  await bench.clock.advance(2_000);
  const request = bench.told("probe-request")[0]?.message as ProbeRequest;
  const { number } = request;
  const report = { type: "probe-report", target: "b", reached: true } as const;
  bench.say("c", { ...report, number: number + 1 });
  bench.say("me", { ...report, number });
  bench.say("c", { ...report, number, target: "nobody" });
  await bench.clock.advance(1);
  expect(bench.changes).toEqual(["b suspect silent"]);
  bench.say("c", { ...report, number });
  expect(bench.changes.at(-1)).toBe("b suspect link");
  // Nobody says so again.
  await bench.clock.advance(3_500);
  expect(bench.changes.at(-1)).toBe("b suspect silent");
});

test("a neighbour is probed on behalf of another, and both outcomes are reported", async () => {
  using bench = new Bench("asker", "b", "c");
  await bench.clock.advance(10);
  bench.answering.delete("c");
  bench.say("asker", { type: "probe-request", number: 1, target: "b" });
  bench.say("asker", { type: "probe-request", number: 2, target: "c" });
  await bench.clock.advance(600);
  expect(bench.told("probe-report").map(({ to, message }) => ({ to, ...message }))).toEqual([
    { to: "asker", type: "probe-report", number: 1, target: "b", reached: true },
    { to: "asker", type: "probe-report", number: 2, target: "c", reached: false },
  ]);
});

test("who asks for strangers, for itself, or for too much at once, gets no answer", async () => {
  using bench = new Bench("asker", "b");
  await bench.clock.advance(10);
  bench.answering.delete("b");
  for (const target of ["stranger", "asker", "me"]) {
    bench.say("asker", { type: "probe-request", number: 1, target });
  }
  for (let number = 0; number < 1_000; number++) {
    bench.say("asker", { type: "probe-request", number, target: "b" });
  }
  await bench.clock.advance(600);
  expect(bench.told("probe-report")).toHaveLength(8);
  expect(bench.told("probe").length).toBeLessThan(10);
});

test("who asked and went away is forgotten", async () => {
  using bench = new Bench("asker", "b");
  bench.answering.delete("b");
  bench.say("asker", { type: "probe-request", number: 1, target: "b" });
  bench.liveness.remove("asker");
  await bench.clock.advance(600);
  expect(bench.told("probe-report")).toEqual([]);
});

test("a suspicion about this peer is refuted with a higher incarnation, once, and no lie makes it shout", async () => {
  using bench = new Bench("b", "c");
  await bench.clock.advance(5_000);
  for (let each = 0; each < 100; each++) {
    bench.say("b", { type: "suspect", peerId: "me", incarnation: 0 });
    bench.say("b", { type: "suspect", peerId: "me", incarnation: 1 });
    bench.say("b", { type: "suspect", peerId: "me", incarnation: 2 ** 32 - 1 });
  }
  const refute = { type: "refute", peerId: "me", incarnation: 1 };
  expect(bench.told("refute")).toEqual([
    { to: "b", message: refute },
    { to: "c", message: refute },
  ]);
  bench.say("b", { type: "probe", number: 1 });
  expect(bench.told("probe-ack").at(-1)?.message).toMatchObject({ incarnation: 1 });
  expect(bench.liveness.health.multiplier).toBe(2);
});

test("an old suspicion is answered with what the suspect said since", async () => {
  using bench = new Bench("b", "c");
  await bench.clock.advance(10);
  bench.say("b", { type: "refute", peerId: "b", incarnation: 3 });
  // Those who share that neighbour hear it too.
  expect(bench.told("refute")).toEqual([
    { to: "c", message: { type: "refute", peerId: "b", incarnation: 3 } },
  ]);
  // What it said before it refuted is no news.
  bench.get("b").check();
  await bench.clock.advance(10);
  bench.sent.length = 0;
  bench.say("c", { type: "suspect", peerId: "b", incarnation: 2 });
  expect(bench.told("refute")).toHaveLength(1);
  expect(bench.told("probe")).toEqual([]);
  bench.say("c", { type: "suspect", peerId: "b", incarnation: 3 });
  expect(bench.told("probe").map(({ to }) => to)).toEqual(["b"]);
});

test("others' suspicions make a silent neighbour dead sooner, and an answering one never", async () => {
  using bench = new Bench("b", "c", "d");
  await bench.clock.advance(5_000);
  for (let second = 0; second < 60; second++) {
    for (const from of ["c", "d"])
      bench.say(from, { type: "suspect", peerId: "b", incarnation: 0 });
    await bench.clock.advance(1_000);
  }
  expect(bench.changes).toEqual([]);

  bench.answering.delete("b");
  bench.get("b").asked();
  await bench.clock.advance(2_000);
  for (const from of ["c", "d", "c"])
    bench.say(from, { type: "suspect", peerId: "b", incarnation: 0 });
  await bench.clock.advance(5_000);
  expect(bench.changes.at(-1)).toBe("b suspect silent");
  await bench.clock.advance(2_000);
  expect(bench.changes.at(-1)).toBe("b dead silent");
});

test("what others said of an earlier silence does not shorten the next one", async () => {
  using bench = new Bench("b", "c", "d");
  await bench.clock.advance(5_000);
  for (const round of ["confirmed", "not confirmed"]) {
    bench.answering.delete("b");
    bench.get("b").asked();
    await bench.clock.advance(6_000);
    const said = { type: "suspect", peerId: "b", incarnation: 0 } as const;
    if (round === "confirmed") for (const from of ["c", "d"]) bench.say(from, said);
    if (round === "confirmed") bench.answering.add("b");
    await bench.clock.advance(4_000);
    expect(bench.changes.at(-1)).toBe(
      `b ${round === "confirmed" ? "alive answers" : "suspect silent"}`,
    );
  }
  await bench.clock.advance(4_000);
  expect(bench.changes.at(-1)).toBe("b dead silent");
});

test("who is doubted has the usual time for an answer, whatever was asked before", async () => {
  using bench = new Bench("b");
  await bench.clock.advance(60_000);
  bench.answering.delete("b");
  bench.get("b").check();
  await bench.clock.advance(600);
  bench.get("b").doubt();
  await bench.clock.advance(600);
  bench.get("b").doubt();
  expect(bench.changes).toEqual([]);
  await bench.clock.advance(400);
  expect(bench.changes.at(-1)).toBe("b dead stale");
});

test("who is silent himself is not asked about another", async () => {
  using bench = new Bench("b", "c", "d");
  await bench.clock.advance(10);
  for (const peerId of ["b", "c"]) bench.answering.delete(peerId);
  bench.get("c").asked();
  await bench.clock.advance(2_000);
  bench.sent.length = 0;
  bench.get("b").asked();
  await bench.clock.advance(2_000);
  const about = bench
    .told("probe-request")
    .filter(({ message }) => (message as ProbeRequest).target === "b");
  expect(about.map(({ to }) => to)).toEqual(["d"]);
});

test("a refutation over others spares a neighbour whose link is broken from being called dead, but not the link", async () => {
  using bench = new Bench("b", "c", "d");
  await bench.clock.advance(10);
  bench.answering.delete("b");
  bench.get("b").asked();
  await bench.clock.advance(2_000);
  expect(bench.changes.at(-1)).toBe("b suspect silent");
  for (let incarnation = 1; incarnation < 20; incarnation++) {
    bench.say("c", { type: "refute", peerId: "b", incarnation });
    await bench.clock.advance(500);
  }
  expect(bench.changes.slice(-2)).toEqual(["b suspect link", "b dead link"]);
});

test("who was found silent by others, and then heard by one, is no longer confirmed to be silent", async () => {
  using bench = new Bench("b", "c", "d");
  await bench.clock.advance(5_000);
  bench.answering.delete("b");
  bench.get("b").asked();
  await bench.clock.advance(2_000);
  for (const from of ["c", "d"]) bench.say(from, { type: "suspect", peerId: "b", incarnation: 0 });
  bench.say("c", { type: "refute", peerId: "b", incarnation: 1 });
  await bench.clock.advance(9_000);
  expect(bench.changes.at(-1)).toBe("b suspect silent");
});

test("messages of strangers and about strangers change nothing", async () => {
  using bench = new Bench("b");
  await bench.clock.advance(10);
  bench.sent.length = 0;
  bench.liveness.receive("stranger", { type: "probe", number: 1 });
  bench.say("b", { type: "suspect", peerId: "stranger", incarnation: 0 });
  bench.say("b", { type: "refute", peerId: "stranger", incarnation: 1 });
  bench.say("b", { type: "suspect", peerId: "b", incarnation: 0 });
  bench.say("b", { type: "probe-ack", number: 999, incarnation: 0, loopLagMs: 0, busy: true });
  expect(bench.sent).toEqual([]);
  expect(bench.changes).toEqual([]);
});

test("an ended link is watched no more, and its successor is not ended with it", async () => {
  using bench = new Bench("b");
  const old = bench.get("b");
  const successor = bench.liveness.add({ peerId: "b", send: () => {} });
  bench.liveness.remove("b", old);
  expect(bench.liveness.get("b")).toBe(successor);
  bench.liveness.remove("b", successor);
  bench.liveness.remove("b");
  expect(bench.liveness.verdict("b")).toBeUndefined();
});

test("once disposed of, it asks nobody and leaves no timer", async () => {
  const bench = new Bench("b", "c");
  await bench.clock.advance(10);
  bench.answering.clear();
  bench.say("b", { type: "probe-request", number: 1, target: "c" });
  bench.liveness[Symbol.dispose]();
  bench.liveness[Symbol.dispose]();
  bench.sent.length = 0;
  await bench.clock.advance(60_000);
  expect([bench.sent, bench.clock.pending]).toEqual([[], 0]);
});

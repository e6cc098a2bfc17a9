import { expect, test } from "vitest";
import { fullMesh, Simulation } from "./support/simulation.ts";

const HEARTBEAT = 5_000;
/** README: at most four heartbeats from falling silent to dead. */
const DEAD_WITHIN = 4 * HEARTBEAT;

test("an idle link carries at most one probe for each heartbeat, and both ends measure it", async () => {
  using net = new Simulation([["a", "b"]]);
  const measured: string[] = [];
  for (const by of ["a", "b"]) net.peer(by).liveness.on("measured", () => measured.push(by));
  await net.advance(10);
  net.probes.clear();
  measured.length = 0;
  await net.advance(100 * HEARTBEAT);

  expect(net.probes.get("a-b")).toBeLessThanOrEqual(100);
  expect(net.probes.get("a-b")).toBeGreaterThan(90);
  for (const by of ["a", "b"]) {
    expect(measured.filter((each) => each === by).length).toBeGreaterThan(40);
  }
  expect(net.opinions).toEqual([]);
});

test("a link full of traffic is measured too, and seldom", async () => {
  using net = new Simulation([["a", "b"]]);
  await net.advance(10);
  net.probes.clear();
  for (let each = 0; each < 500; each++) {
    net.data("a", "b");
    net.data("b", "a");
    await net.advance(100);
  }

  expect(net.probes.get("a-b")).toBeGreaterThanOrEqual(6);
  expect(net.probes.get("a-b")).toBeLessThanOrEqual(50_000 / HEARTBEAT);
});

test.each([0, 1, 250, 499, 700, 1_234])(
  "a frozen peer that owes an answer is suspect within 2 s (frozen %i ms after the call)",
  async (freezeAfterMs) => {
    using net = new Simulation(fullMesh(4));
    await net.advance(60_000);
    net.call("p0", "p1");
    await net.advance(freezeAfterMs);
    net.peer("p1").host.stop();
    const frozenAtMs = net.clock.monotonicMs();
    await net.advance(2_000);

    expect(net.state("p0", "p1")).toBe("suspect");
    await net.advance(DEAD_WITHIN);
    const [death] = net.thought({ by: "p0", of: "p1", state: "dead" });
    expect(death).toMatchObject({ reason: "silent" });
    expect((death?.atMs ?? 0) - frozenAtMs).toBeGreaterThan(HEARTBEAT);
    expect((death?.atMs ?? 0) - frozenAtMs).toBeLessThan(2.5 * HEARTBEAT);
  },
);

test("a killed peer on idle links is dead for all its neighbours within four heartbeats, and nobody else is", async () => {
  using net = new Simulation(fullMesh(5));
  await net.advance(60_000);
  net.peer("p1").host.stop();
  await net.advance(DEAD_WITHIN);

  const dead = net.thought({ state: "dead" });
  expect(new Set(dead.map(({ of }) => of))).toEqual(new Set(["p1"]));
  expect(dead.map(({ by }) => by).sort()).toEqual(["p0", "p2", "p3", "p4"]);
});

test("without others to ask, a silent peer has a heartbeat more", async () => {
  using net = new Simulation([["a", "b"]]);
  await net.advance(60_000);
  net.call("a", "b");
  net.peer("b").host.stop();
  await net.advance(2 * HEARTBEAT);
  expect(net.state("a", "b")).toBe("suspect");
  await net.advance(HEARTBEAT);

  expect(net.thought({ by: "a", state: "dead" })).toHaveLength(1);
});

test("an event loop that is blocked for a heartbeat is nobody's death, there or here", async () => {
  using net = new Simulation(fullMesh(4));
  for (let round = 0; round < 20; round++) {
    net.call("p0", "p1");
    net.call("p1", "p0");
    net.peer("p1").host.block(HEARTBEAT);
    await net.advance(HEARTBEAT - 100);
    expect(net.state("p0", "p1")).toBe("suspect");
    await net.advance(10_137);
    expect(net.state("p0", "p1")).toBe("alive");
  }

  expect(net.thought({ state: "dead" })).toEqual([]);
  // The blocked one heard nothing of the others either, and blames nobody.
  expect(net.thought({ by: "p1", state: "suspect" })).toEqual([]);
});

test("with a lifeline, a blocked peer is busy instead of suspect, and dead when it never comes back", async () => {
  using net = new Simulation(fullMesh(3));
  await net.advance(20_000);
  const blockedAtMs = net.clock.monotonicMs();
  net.lifeline = (id) => (id === "p1" ? net.clock.monotonicMs() - blockedAtMs : undefined);
  net.call("p0", "p1");
  net.peer("p1").host.stop();
  await net.advance(6 * HEARTBEAT);
  expect(net.state("p0", "p1")).toBe("busy");
  expect(net.thought({ by: "p0", of: "p1", state: "suspect" })).toEqual([]);

  net.peer("p1").host.resume();
  await net.advance(3_000);
  expect(net.state("p0", "p1")).toBe("alive");

  net.peer("p1").host.stop();
  await net.advance(11 * HEARTBEAT);
  expect(net.state("p0", "p1")).toBe("busy");
  await net.advance(2 * HEARTBEAT);
  expect(net.thought({ by: "p0", of: "p1", state: "dead" })).toMatchObject([{ reason: "blocked" }]);
});

test("a link that carries nothing is known as such: the peer lives, as others say", async () => {
  using net = new Simulation(fullMesh(4));
  await net.advance(20_000);
  net.cut("p0", "p1");
  net.cut("p1", "p0");
  net.call("p0", "p1");
  await net.advance(2_000);
  expect(net.peer("p0").liveness.verdict("p1")).toMatchObject({ state: "suspect", reason: "link" });
  await net.advance(DEAD_WITHIN);

  const dead = net.thought({ state: "dead" });
  expect(dead.map(({ by, of, reason }) => `${by}>${of} ${reason}`).sort()).toEqual([
    "p0>p1 link",
    "p1>p0 link",
  ]);
});

test("a link that carries one way only ends at the end that hears nothing; the other end says it is deaf", async () => {
  using net = new Simulation(fullMesh(4));
  await net.advance(20_000);
  net.cut("p0", "p1");
  net.call("p0", "p1");
  await net.advance(4_000);
  expect(net.peer("p0").liveness.verdict("p1")?.state).not.toBe("alive");
  await net.advance(DEAD_WITHIN);

  expect(net.thought({ by: "p1", of: "p0", state: "dead" })).toMatchObject([{ reason: "link" }]);
  expect(net.thought({ state: "dead" }).every(({ by, of }) => by + of !== "p2p3")).toBe(true);
});

test("a flapping link never makes a peer dead as long as it comes back in time", async () => {
  using net = new Simulation(fullMesh(4), { seed: 7 });
  for (let round = 0; round < 30; round++) {
    net.call("p0", "p1");
    net.cut("p0", "p1");
    net.cut("p1", "p0");
    await net.advance(4_000);
    net.mend("p0", "p1");
    net.mend("p1", "p0");
    await net.advance(2_500);
    expect(net.state("p0", "p1")).toBe("alive");
  }
  expect(net.thought({ state: "dead" })).toEqual([]);
});

test("a slow reader is busy, not dead, as long as it reads", async () => {
  using net = new Simulation(fullMesh(3));
  await net.advance(20_000);
  const startMs = net.clock.monotonicMs();
  // It reads half of what p0 sends, so that probes wait ever longer behind data; the link takes frames again and again.
  net.delayMs = (from, to) =>
    from === "p0" && to === "p1" ? 1 + (net.clock.monotonicMs() - startMs) / 2 : 1;
  net.call("p0", "p1");
  for (let quarter = 0; quarter < 200; quarter++) {
    net.data("p0", "p1");
    await net.advance(250);
    if (quarter % 8 === 0) net.peer("p0").liveness.get("p1")?.progressed();
  }

  expect(net.thought({ state: "dead" })).toEqual([]);
  expect(net.thought({ by: "p0", of: "p1", state: "busy" }).length).toBeGreaterThan(0);
});

test("a peer that says it is busy gets no new work, and is asked often whether it still is", async () => {
  using net = new Simulation([["a", "b"]]);
  await net.advance(20_000);
  net.peer("b").host.block(2_000);
  await net.advance(2_100);
  net.peer("a").liveness.get("b")?.check();
  await net.advance(100);
  expect(net.peer("a").liveness.verdict("b")).toMatchObject({ state: "busy", reason: "says-so" });
  await net.advance(3_000);

  expect(net.state("a", "b")).toBe("alive");
});

test("a clock that is an hour off, or jumps by one, makes nobody suspect", async () => {
  using net = new Simulation(fullMesh(3));
  net.peer("p1").host.wallErrorMs = 3_600_000;
  await net.advance(60_000);
  net.peer("p1").host.wallErrorMs = -3_600_000;
  await net.advance(60_000);
  net.peer("p1").host.wallErrorMs = 0;
  await net.advance(60_000);

  expect(net.opinions).toEqual([]);
});

test.each(["stands still", "goes on"] as const)(
  "who was stopped for long accuses nobody when he goes on (his monotonic clock %s)",
  async (monotonic) => {
    using net = new Simulation([["a", "b"]]);
    await net.advance(20_000);
    net.peer("a").host.suspend(monotonic);
    await net.advance(10_000);
    net.peer("a").host.resume({ losesFrames: true });
    await net.advance(10_000);

    expect(net.thought({ by: "a" })).toEqual([]);
  },
);

test("what has arrived is read before anybody is accused, also after a pause too short to be noticed", async () => {
  for (let pauseAfterMs = 600; pauseAfterMs < 780; pauseAfterMs += 20) {
    using net = new Simulation([["a", "b"]]);
    await net.advance(60_000);
    // The answer comes while a does nothing for 90 ms; then the timer by which b would be suspected rings first.
    net.delayMs = (from) => (from === "b" ? pauseAfterMs + 40 : 0);
    net.peer("a").liveness.get("b")?.check();
    await net.advance(pauseAfterMs);
    net.peer("a").host.block(90);
    await net.advance(1_000);
    expect(net.thought({ by: "a", state: "suspect" })).toEqual([]);
  }
});

test("after a sleep the links that do not answer are stale within 2 s, and the others stay", async () => {
  using net = new Simulation(fullMesh(3));
  await net.advance(60_100);
  net.peer("p0").host.suspend("stands still");
  for (const [from, to] of [
    ["p0", "p1"],
    ["p1", "p0"],
  ] as const)
    net.cut(from, to);
  // Long enough to be noticed, not for p2 to give p0 up.
  await net.advance(7_600);
  net.peer("p0").host.resume();
  await net.advance(2_000);

  expect(net.thought({ by: "p0", state: "dead" })).toMatchObject([{ of: "p1", reason: "stale" }]);
  expect(net.state("p0", "p2")).toBe("alive");
});

test("nobody healthy is declared dead in 1,000 s at 30 % loss", async () => {
  using net = new Simulation(fullMesh(4), { seed: 3 });
  net.lossRatio = 0.3;
  net.delayMs = () => 5;
  for (let round = 0; round < 100; round++) {
    net.call("p0", "p1");
    await net.advance(10_000);
  }

  expect(net.thought({ state: "dead" })).toEqual([]);
});

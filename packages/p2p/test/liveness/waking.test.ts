import { expect, test } from "vitest";
import { Mesh } from "./support/mesh.ts";
import { fullMesh } from "./support/simulation.ts";

const others = ["p1", "p2", "p3"];

test.each([
  ["stands still", 60_000],
  ["goes on", 60_000],
  ["stands still", 9_000],
  ["goes on", 9_000],
] as const)(
  "a laptop that slept and wakes with another address has its links again in 3 s (its monotonic clock %s, %i ms)",
  async (monotonic, sleptMs) => {
    await using mesh = await Mesh.linked(fullMesh(4));
    await mesh.clock.advance(60_000);
    const laptop = mesh.peer("p0");
    const accused: string[] = [];
    laptop.liveness.on("changed", (peerId, { reason }) => {
      if (reason !== "stale" && reason !== "answers") accused.push(`${peerId} ${reason}`);
    });
    laptop.host.suspend(monotonic);
    mesh.memory.faults.freeze("p0");
    await mesh.clock.advance(sleptMs);
    laptop.host.resume({ losesFrames: true });
    await laptop.move("cafe");
    await mesh.clock.advance(3_000);

    expect(laptop.neighbours).toEqual(others);
    for (const id of others) expect(mesh.peer(id).neighbours).toContain("p0");
    await mesh.clock.advance(30_000);
    expect(accused).toEqual([]);
    expect(laptop.neighbours).toEqual(others);
    for (const id of others) expect(laptop.states.state(id)).toBe("alive");
  },
);

test("a machine that loses its address without sleeping has its links again in 3 s", async () => {
  await using mesh = await Mesh.linked(fullMesh(4));
  const laptop = mesh.peer("p0");
  mesh.memory.faults.freeze("p0");
  await laptop.move("cafe");
  await mesh.clock.advance(4_000);

  expect(laptop.neighbours).toEqual(others);
});

test("a machine that gets one more address keeps its links", async () => {
  await using mesh = await Mesh.linked(fullMesh(3));
  const peer = mesh.peer("p0");
  const changes: string[] = [];
  peer.liveness.on("changed", (peerId) => changes.push(peerId));
  peer.addresses = [...peer.addresses, "203.0.113.7"];
  await mesh.clock.advance(10_000);

  expect(changes).toEqual([]);
  expect(peer.neighbours).toEqual(["p1", "p2"]);
});

test("who was frozen for 26 s accuses nobody when it goes on, and all links are there again", async () => {
  await using mesh = await Mesh.linked(fullMesh(4));
  const frozen = mesh.peer("p0");
  const accused: string[] = [];
  for (const id of others) {
    mesh.peer(id).liveness.on("changed", (peerId, { state }) => {
      if (state === "dead" && peerId !== "p0") accused.push(`${id} ${peerId}`);
    });
  }
  frozen.liveness.on("changed", (peerId, { state, reason }) => {
    if (state === "dead" && reason !== "stale") accused.push(`p0 ${peerId}`);
  });
  frozen.host.stop();
  await mesh.clock.advance(26_000);
  for (const id of others) expect(mesh.peer(id).neighbours).not.toContain("p0");
  frozen.host.resume();
  await mesh.clock.advance(5_000);

  expect(frozen.neighbours).toEqual(others);
  expect(accused).toEqual([]);
});

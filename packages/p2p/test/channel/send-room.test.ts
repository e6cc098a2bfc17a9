import { ClosedError } from "@net/core";
import { FakeClock, settle } from "@net/core/testing";
import { expect, test, vi } from "vitest";
import type { Room } from "../../src/channel/partial-limit.ts";
import { SendRoom } from "../../src/channel/send-room.ts";

const KiB = 1_024;
const MAX = 1_024 * KiB;
/** The smallest that goes in pieces. */
const SMALLEST = 16 * KiB + 1;

function roomy(clock: FakeClock = new FakeClock()): SendRoom {
  return new SendRoom({ maxMessageBytes: MAX, clock });
}

/** Rooms of that size until there is none. */
function fill(sending: SendRoom, bytes: number): Room[] {
  const rooms: Room[] = [];
  for (let room = sending.tryEnter(bytes); room; room = sending.tryEnter(bytes)) rooms.push(room);
  return rooms;
}

/** What enters, in its order. */
function entering(sending: SendRoom, sizes: Readonly<Record<string, number>>): [string, Room][] {
  const entered: [string, Room][] = [];
  for (const [name, bytes] of Object.entries(sizes)) {
    void sending.enter(bytes).then((room) => entered.push([name, room]));
  }
  return entered;
}

test("64 messages may be on their way in pieces, and four times the largest", () => {
  expect(fill(roomy(), SMALLEST)).toHaveLength(64);
  expect(fill(roomy(), MAX)).toHaveLength(4);
  expect(fill(roomy(), MAX / 2 + 1)).toHaveLength(7);
});

test("who leaves makes room once, however often he leaves", () => {
  const sending = roomy();
  const [first] = fill(sending, MAX);
  first?.leave();
  first?.leave();
  expect(fill(sending, MAX)).toHaveLength(1);
});

test("whoever waits enters in the order they came, none before a larger one", async () => {
  const sending = roomy();
  const rooms = fill(sending, MAX);
  const entered = entering(sending, { large: MAX, small: SMALLEST, other: SMALLEST });
  await settle();
  expect(entered).toEqual([]);
  rooms.pop()?.leave();
  await settle();
  expect(entered.map(([name]) => name)).toEqual(["large"]);
  expect(sending.tryEnter(SMALLEST)).toBeUndefined();
  rooms.pop()?.leave();
  await settle();
  expect(entered.map(([name]) => name)).toEqual(["large", "small", "other"]);
});

test("who gives up waiting lets those behind him in", async () => {
  const sending = roomy();
  const rooms = fill(sending, MAX);
  rooms.pop()?.leave();
  sending.tryEnter(SMALLEST);
  const giving = new AbortController();
  const large = sending.enter(MAX, { signal: giving.signal });
  const entered = entering(sending, { small: SMALLEST });
  giving.abort(new Error("no more"));
  await expect(large).rejects.toMatchObject({ code: "ABORTED" });
  await settle();
  expect(entered).toHaveLength(1);
});

test("a signal that has aborted takes no room", async () => {
  const sending = roomy();
  const entering = sending.enter(MAX, { signal: AbortSignal.abort() });
  await expect(entering).rejects.toMatchObject({ code: "ABORTED" });
  expect(sending.isIdle).toBe(true);
});

test("who was let in has his room, even if he gives up before he looks", async () => {
  const sending = roomy();
  const [first] = fill(sending, MAX);
  const giving = new AbortController();
  const entering = sending.enter(MAX, { signal: giving.signal });
  first?.leave();
  giving.abort();
  (await entering).leave();
  expect(fill(sending, MAX)).toHaveLength(1);
});

test("waiting ends at its deadline", async () => {
  const clock = new FakeClock();
  const sending = roomy(clock);
  fill(sending, MAX);
  const entering = sending.enter(MAX, { deadlineMs: 1_000 });
  const outcome = expect(entering).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  await clock.advance(999);
  expect(clock.pending).toBe(1);
  await clock.advance(1);
  await outcome;
  expect(clock.pending).toBe(0);
});

test("whoever enters in time leaves no timer and no listener behind", async () => {
  const clock = new FakeClock();
  const sending = roomy(clock);
  const [first] = fill(sending, MAX);
  const { signal } = new AbortController();
  const remove = vi.spyOn(signal, "removeEventListener");
  const entering = sending.enter(MAX, { signal, deadlineMs: 1_000 });
  first?.leave();
  await entering;
  expect(clock.pending).toBe(0);
  expect(remove).toHaveBeenCalledOnce();
});

test("a message over the limit is refused at once", async () => {
  const tooLarge = expect.objectContaining({ code: "FRAME_TOO_LARGE" });
  const sending = roomy();
  const offered = { type: "a", begin: () => {}, lost: () => {} };
  fill(sending, MAX);
  expect(() => sending.tryEnter(MAX + 1)).toThrow(tooLarge);
  expect(() => sending.offer({ ...offered, bytes: MAX + 1 })).toThrow(tooLarge);
  await expect(sending.enter(MAX + 1)).rejects.toEqual(tooLarge);
});

test("closing ends all waiting, and nobody enters any more", async () => {
  const sending = roomy();
  const [first] = fill(sending, MAX);
  const begin = vi.fn();
  const waiting = sending.enter(MAX);
  const offered = { type: "a", begin, lost: vi.fn() };
  sending.offer({ ...offered, bytes: MAX });
  const end = new ClosedError("the channel has ended");
  sending.close(end);
  sending.close(new ClosedError("again"));
  await expect(waiting).rejects.toBe(end);
  first?.leave();
  expect(begin).not.toHaveBeenCalled();
  expect(offered.lost.mock.calls).toEqual([[end]]);
  expect(() => sending.tryEnter(SMALLEST)).toThrow(end);
  expect(() => sending.offer({ ...offered, bytes: 1 })).toThrow(end);
  await expect(sending.enter(SMALLEST)).rejects.toBe(end);
});

test("it is idle while nothing is on its way or waits", () => {
  const sending = roomy();
  expect(sending.isIdle).toBe(true);
  const room = sending.tryEnter(MAX);
  expect(sending.isIdle).toBe(false);
  room?.leave();
  expect(sending.isIdle).toBe(true);
});

import { ClosedError, type NetworkError, OverloadedError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import type { Room } from "../../src/channel/partial-limit.ts";
import { SendRoom } from "../../src/channel/send-room.ts";

const MAX = 1_024 * 1_024;

const never = (error: NetworkError): never => {
  throw error;
};

/** Room for four large messages, and what was begun, in its order. */
class Sender {
  readonly sending = new SendRoom({ maxMessageBytes: MAX, clock: new FakeClock() });
  readonly begun: string[] = [];
  readonly rooms: Room[] = [];

  readonly lost: unknown[] = [];

  offer(name: string, bytes: number, type = "a"): void {
    const begin = (room: Room | undefined): void => {
      this.begun.push(name);
      if (room) this.rooms.push(room);
    };
    const lost = (error: NetworkError): void => void this.lost.push([name, error.code]);
    this.sending.offer({ bytes, type, begin, lost });
  }

  /** Nothing more fits. */
  static full(): Sender {
    const sender = new Sender();
    for (let n = 1; n <= 4; n++) sender.offer(`${n}`, MAX);
    expect(sender.begun.splice(0)).toEqual(["1", "2", "3", "4"]);
    return sender;
  }
}

test("what is offered begins at once while there is room, and later when there is none", () => {
  const sender = Sender.full();
  sender.offer("later", MAX);
  expect(sender.begun).toEqual([]);
  sender.rooms[0]?.leave();
  expect(sender.begun).toEqual(["later"]);
  expect(sender.rooms).toHaveLength(5);
});

test("a message of one frame waits only behind those of its type", () => {
  const sender = Sender.full();
  sender.offer("large a", MAX, "a");
  expect(sender.sending.holds("a")).toBe(true);
  expect(sender.sending.holds("b")).toBe(false);
  sender.offer("small a", 10, "a");
  sender.offer("small b", 10, "b");
  expect(sender.begun).toEqual(["small b"]);
  sender.rooms[0]?.leave();
  expect(sender.begun).toEqual(["small b", "large a", "small a"]);
  expect(sender.sending.holds("a")).toBe(false);
});

test("more than four of the largest are not held back, nor very many small ones", () => {
  const overloaded = expect.objectContaining({ code: "OVERLOADED" });
  const sender = Sender.full();
  for (let n = 0; n < 3; n++) sender.offer("held", MAX);
  expect(() => sender.offer("too much", MAX)).toThrow(overloaded);
  const offerMany = (): void => {
    for (let n = 0; n < 10_000; n++) sender.offer("small", 0);
  };
  expect(offerMany).toThrow(overloaded);
});

test("what began is held back no more: as much as before may wait", () => {
  const sender = Sender.full();
  for (let round = 0; round < 10; round++) {
    for (let n = 0; n < 3; n++) sender.offer("held", MAX);
    for (const room of sender.rooms.splice(0)) room.leave();
  }
  expect(sender.begun).toHaveLength(30);
});

test("what begins and is done with at once lets the next one in, without end", () => {
  const sending = new SendRoom({ maxMessageBytes: MAX, clock: new FakeClock() });
  const rooms = Array.from({ length: 4 }, () => sending.tryEnter(MAX));
  let begun = 0;
  for (let n = 0; n < 200; n++) {
    const begin = (room: Room | undefined): void => {
      begun += 1;
      room?.leave();
    };
    sending.offer({ bytes: 20_000, type: "a", begin, lost: never });
  }
  rooms[0]?.leave();
  expect(begun).toBe(200);
});

test("what cannot begin at once is not taken", () => {
  const sending = new SendRoom({ maxMessageBytes: MAX, clock: new FakeClock() });
  const begin = (): never => {
    throw new OverloadedError("full");
  };
  expect(() => sending.offer({ bytes: 10, type: "a", begin, lost: never })).toThrow("full");
  expect(sending.isIdle).toBe(true);
});

test("what cannot begin later is lost, and those behind it begin", () => {
  const sender = Sender.full();
  const begin = (room: Room | undefined): never => {
    room?.leave();
    throw new OverloadedError("full");
  };
  const lost = (error: NetworkError): void => void sender.lost.push(error.code);
  sender.sending.offer({ bytes: MAX, type: "a", begin, lost });
  sender.offer("behind", MAX);
  sender.rooms[0]?.leave();
  expect(sender.lost).toEqual(["OVERLOADED"]);
  expect(sender.begun).toEqual(["behind"]);
});

test("what waits when the channel ends is lost", () => {
  const sender = Sender.full();
  sender.offer("large", MAX);
  sender.offer("small", 10);
  sender.sending.close(new ClosedError("the channel has ended"));
  expect(sender.lost).toEqual([
    ["large", "CLOSED"],
    ["small", "CLOSED"],
  ]);
  expect([sender.begun, sender.sending.holds("a")]).toEqual([[], false]);
});

import { type NetworkError, type Rng, seededRng } from "@net/core";
import { FakeClock, settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { Assembly } from "../../src/channel/assembly.ts";
import type { Room } from "../../src/channel/partial-limit.ts";
import { SendRoom } from "../../src/channel/send-room.ts";
import { PIECE_BYTES } from "../../src/wire/piece.ts";

// A sender that keeps to its room, and the receiver that ends the channel of whoever does not.

const TYPES = ["bulk", "result", "stream"] as const;

interface Sending {
  readonly number: number;
  readonly room: Room;
  left: number;
}

class Channel {
  readonly clock = new FakeClock();
  readonly sending: SendRoom;
  readonly offered = new Map<string, number[]>();
  readonly begun = new Map<string, number[]>();
  /** Why those did that waited no longer. */
  readonly gaveUp: string[] = [];
  /** What the other end did not bear. */
  readonly faults: unknown[] = [];
  waiting = 0;
  mostMessages = 0;
  readonly #rng: Rng;
  readonly #largestBytes: number;
  readonly #receiver: Assembly;
  /** Under way, by type: pieces of one type keep their order, those of others come in between. */
  readonly #lanes = new Map<string, Sending[]>();
  #number = 0;

  /** @param largestBytes how large those messages are that are sent. */
  constructor(rng: Rng, maxMessageBytes: number, largestBytes: number) {
    this.#rng = rng;
    this.#largestBytes = largestBytes;
    this.sending = new SendRoom({ maxMessageBytes, clock: this.clock });
    this.#receiver = new Assembly(maxMessageBytes);
  }

  get underWay(): Sending[] {
    return [...this.#lanes.values()].flat();
  }

  below(limit: number): number {
    return Math.floor(this.#rng.next() * limit);
  }

  offer(): void {
    const number = this.#number++;
    const type = this.#type();
    const bytes = this.below(3) === 0 ? this.below(1_000) : this.#size();
    try {
      const begin = (room: Room | undefined): void => {
        listOf(this.begun, type).push(number);
        if (room) this.#begin(type, { number, room, left: bytes });
      };
      this.sending.offer({ bytes, type, begin, lost: (error) => this.faults.push(error) });
      listOf(this.offered, type).push(number);
    } catch (error) {
      expect(error).toMatchObject({ code: "OVERLOADED" });
    }
  }

  enter(): void {
    const number = this.#number++;
    const bytes = this.#size();
    const giving = new AbortController();
    const deadlineMs = this.below(2) === 0 ? this.below(1_000) : undefined;
    if (this.below(4) === 0) this.clock.setTimeout(() => giving.abort(), this.below(1_000));
    this.waiting += 1;
    void this.sending
      .enter(bytes, { signal: giving.signal, deadlineMs })
      .then(
        (room) => this.#begin(this.#type(), { number, room, left: bytes }),
        (error: unknown) => this.gaveUp.push((error as NetworkError).code),
      )
      .finally(() => {
        this.waiting -= 1;
      });
  }

  /** The next piece of any of them goes, or one is given up. */
  send(): void {
    const lanes = [...this.#lanes.values()].filter((lane) => lane.length > 0);
    const lane = lanes[this.below(lanes.length)];
    const next = lane?.[this.below(lane.length)];
    if (!lane || !next) return;
    const isGivenUp = this.below(100) === 0;
    const bytes = Math.min(next.left, PIECE_BYTES);
    next.left -= bytes;
    if (isGivenUp) this.#receiver.abandon(next.number);
    else this.#receive(next.number, bytes, next.left === 0);
    if (!isGivenUp && next.left > 0) return;
    lane.splice(lane.indexOf(next), 1);
    next.room.leave();
  }

  #begin(type: string, sending: Sending): void {
    // The other end hears of it at once: that is the most it could have to keep.
    this.#receive(sending.number, 1, false);
    sending.left -= 1;
    listOf(this.#lanes, type).push(sending);
    this.mostMessages = Math.max(this.mostMessages, this.underWay.length);
  }

  #receive(number: number, bytes: number, isLast: boolean): void {
    try {
      this.#receiver.add(number, new Uint8Array(bytes), isLast);
    } catch (error) {
      this.faults.push(error);
    }
  }

  #size(): number {
    return 16 * 1_024 + 1 + this.below(this.#largestBytes - 16 * 1_024);
  }

  #type(): string {
    return TYPES[this.below(TYPES.length)] as string;
  }
}

function listOf<T>(lists: Map<string, T[]>, key: string): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

async function step(channel: Channel): Promise<void> {
  const kind = channel.below(20);
  if (kind < 4) channel.offer();
  else if (kind < 8) channel.enter();
  else if (kind < 19) channel.send();
  else await channel.clock.advance(channel.below(300));
  if (kind % 4 === 0) await settle();
}

/** All that is under way goes, and what that lets in, until nobody is left. */
async function drain(channel: Channel): Promise<void> {
  do {
    while (channel.underWay.length > 0) channel.send();
    await settle();
  } while (channel.underWay.length > 0);
}

const KiB = 1_024;

test.for([
  { seed: 1, max: 20 * KiB, largest: 20 * KiB, most: 4 },
  { seed: 2, max: 64 * KiB, largest: 64 * KiB, most: 8 },
  { seed: 3, max: 600 * KiB, largest: 17 * KiB, most: 64 },
])(
  "the other end is never overrun, and nobody waits for ever: seed $seed, up to $largest bytes",
  async ({ seed, max, largest, most }) => {
    const channel = new Channel(seededRng(seed), max, largest);
    for (let n = 0; n < 1_500; n++) await step(channel);
    await drain(channel);
    expect(channel.faults).toEqual([]);
    expect(channel.waiting).toBe(0);
    expect(channel.sending.isIdle).toBe(true);
    expect(channel.begun).toEqual(channel.offered);
    expect(new Set(channel.gaveUp)).toEqual(new Set(["ABORTED", "DEADLINE_EXCEEDED"]));
    expect(channel.mostMessages).toBe(most);
    await channel.clock.advance(1_000);
    expect(channel.clock.pending).toBe(0);
  },
);

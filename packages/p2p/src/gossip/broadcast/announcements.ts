import type { Clock, Timer } from "@net/core";
import { GossipKind } from "../kinds.ts";
import type { Neighbour, Sender } from "../neighbour.ts";
import { idListFields, MAX_IDS } from "./id-lists.ts";
import { keyOf, type MessageId } from "./message.ts";

/** How long ids are gathered before they are announced, in ms. */
const GATHER = 50;
/** How long a neighbour whose queue is full is left alone, in ms. */
const RETRY_DELAY = 250;
/** The most ids that wait for one neighbour; the oldest give way. */
const MAX_WAITING = 4_096;

/** Tells neighbours which broadcasts are here: many at a time, and again until their link takes it. */
export class Announcements {
  readonly #sender: Sender;
  readonly #clock: Clock;
  /** Whether a broadcast can still be had here. */
  readonly #isHere: (id: MessageId) => boolean;
  readonly #waiting = new Map<Neighbour, Map<string, MessageId>>();
  #timer: Timer | undefined;

  constructor(sender: Sender, clock: Clock, isHere: (id: MessageId) => boolean) {
    this.#sender = sender;
    this.#clock = clock;
    this.#isHere = isHere;
  }

  add(neighbour: Neighbour, id: MessageId): void {
    const waiting = this.#waiting.get(neighbour) ?? new Map<string, MessageId>();
    this.#waiting.set(neighbour, waiting.set(keyOf(id), id));
    const [oldest] = waiting.keys();
    if (waiting.size > MAX_WAITING && oldest !== undefined) waiting.delete(oldest);
    this.#schedule(GATHER);
  }

  forget(neighbour: Neighbour): void {
    this.#waiting.delete(neighbour);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#waiting.clear();
  }

  #schedule(delay: number): void {
    this.#timer ??= this.#clock.setTimeout(() => this.#flush(), delay, { background: true });
  }

  #flush(): void {
    this.#timer = undefined;
    for (const [neighbour, waiting] of [...this.#waiting]) {
      if (this.#announce(neighbour, waiting)) this.#waiting.delete(neighbour);
      else this.#schedule(RETRY_DELAY);
    }
  }

  /** @returns whether all were taken. */
  #announce(neighbour: Neighbour, waiting: Map<string, MessageId>): boolean {
    const ids = [...waiting.values()].filter((id) => this.#isHere(id));
    for (let start = 0; start < ids.length; start += MAX_IDS) {
      const part = ids.slice(start, start + MAX_IDS);
      if (!this.#sender.send(neighbour, GossipKind.ihave, idListFields(part))) return false;
      for (const id of part) waiting.delete(keyOf(id));
    }
    return true;
  }
}

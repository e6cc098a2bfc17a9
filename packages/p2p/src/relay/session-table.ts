import { type Clock, OverloadedError, type Timer } from "@net/core";
import type { Channel } from "../channel/channel.ts";

/** A session that nobody used for that long is ended, in ms. */
const IDLE_TIMEOUT = 120_000;
const SWEEP_INTERVAL = 30_000;

export interface SessionTableOptions {
  readonly maxSessions: number;
  readonly clock: Clock;
}

interface Entry {
  readonly channel: Channel;
  readonly key: string;
}

/** The sessions that there are. Those that are idle end by themselves, and the longest idle one when there are too many. */
export class SessionTable {
  readonly #options: SessionTableOptions;
  readonly #all = new Set<Entry>();
  /** For each peer the session to use. */
  readonly #byPeer = new Map<string, Channel>();
  #timer: Timer | undefined;

  constructor(options: SessionTableOptions) {
    this.#options = options;
  }

  /** All of them. */
  *[Symbol.iterator](): Generator<Channel> {
    for (const { channel } of this.#all) yield channel;
  }

  get(peerId: string, bulk: boolean): Channel | undefined {
    return this.#byPeer.get(keyOf(peerId, bulk));
  }

  /** @throws OverloadedError when there are too many, and all are in use. */
  assertRoom(): void {
    const { maxSessions } = this.#options;
    if (this.#all.size < maxSessions) return;
    const idle = this.#longestIdle();
    if (!idle)
      throw new OverloadedError(`this peer has the ${maxSessions} sessions that it may have`);
    void idle.close({ code: "going-away", message: "others need its place" });
  }

  add(channel: Channel, bulk: boolean): void {
    const entry: Entry = { channel, key: keyOf(channel.peerId, bulk) };
    this.#all.add(entry);
    this.#byPeer.set(entry.key, channel);
    this.#timer ??= this.#options.clock.setInterval(() => this.#sweep(), SWEEP_INTERVAL, {
      background: true,
    });
    void channel.closed.then(() => this.#remove(entry));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map(({ channel }) => channel.close({ code: "going-away" })));
    this.#timer?.cancel();
  }

  #remove(entry: Entry): void {
    this.#all.delete(entry);
    if (this.#byPeer.get(entry.key) === entry.channel) this.#byPeer.delete(entry.key);
    if (this.#all.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #sweep(): void {
    for (const { channel } of this.#all) {
      if (channel.idleMs() < IDLE_TIMEOUT) continue;
      void channel.close({ code: "going-away", message: "nobody used it" });
    }
  }

  #longestIdle(): Channel | undefined {
    const idle = [...this.#all].map(({ channel }) => channel).filter((it) => it.idleMs() > 0);
    return idle.toSorted((a, b) => b.idleMs() - a.idleMs())[0];
  }
}

function keyOf(peerId: string, bulk: boolean): string {
  return `${bulk ? "bulk" : "calls"} ${peerId}`;
}

import type { Clock, Timer } from "@net/core";
import type { Neighbour } from "../neighbour.ts";
import { type AdvertVersion, isNewer } from "./advert-frame.ts";

/** How often it is looked what has not come, in ms. */
const TICK = 250;
/** How often a neighbour that was asked is looked for before another one is asked: while this process is late, time stands still. */
const PATIENCE = 8;
/** The most adverts that are waited for at a time, of which a quarter can have been asked of one neighbour. */
const MAX_WANTED = 32_768;
const MAX_PER_NEIGHBOUR: number = MAX_WANTED / 4;
/** The most neighbours remembered for one advert, beside the one that was asked. */
const MAX_OTHERS = 8;

/** Somebody who has an advert, and which. */
interface Holder {
  readonly neighbour: Neighbour;
  readonly version: AdvertVersion;
}

interface Entry {
  readonly asked: Holder;
  /** Who else has it; the next to be asked comes first. */
  readonly others: Holder[];
  /** How often it was looked for. */
  looks: number;
}

export interface WantedOptions {
  readonly clock: Clock;
  /** The newest version that is here. */
  readonly newest: (origin: string) => AdvertVersion | undefined;
  readonly isLinked: (neighbour: Neighbour) => boolean;
  /** Asks a neighbour for what it says it has. */
  readonly ask: (neighbour: Neighbour, origins: readonly string[]) => void;
}

/** The adverts that neighbours have and this peer has not: asks one for each, and another one if it does not come. */
export class Wanted {
  readonly #options: WantedOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #counts = new Map<Neighbour, number>();
  #timer: Timer | undefined;

  constructor(options: WantedOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** A neighbour has these: it is asked at once for those for which nobody was. */
  heldBy(neighbour: Neighbour, held: Iterable<readonly [origin: string, AdvertVersion]>): void {
    const origins: string[] = [];
    for (const [origin, version] of held) {
      if (this.#isNews(origin, version) && this.#begin(origin, { neighbour, version })) {
        origins.push(origin);
      }
    }
    if (origins.length > 0) this.#options.ask(neighbour, origins);
    this.#schedule();
  }

  /** An advert of that peer came. Should there be a newer one still, somebody will say so again. */
  settle(origin: string): void {
    const entry = this.#entries.get(origin);
    if (!entry) return;
    this.#entries.delete(origin);
    this.#count(entry.asked.neighbour, -1);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#entries.clear();
    this.#counts.clear();
  }

  #isNews(origin: string, version: AdvertVersion): boolean {
    const newest = this.#options.newest(origin);
    return !newest || isNewer(version, newest);
  }

  /** @returns whether that neighbour is the one to ask. */
  #begin(origin: string, holder: Holder): boolean {
    const known = this.#entries.get(origin);
    if (!known) return this.#isRoomFor(holder) && this.#enter(origin, holder, []);
    const isKnown = known.asked.neighbour === holder.neighbour;
    if (!isKnown && known.others.length < MAX_OTHERS) known.others.push(holder);
    return false;
  }

  #isRoomFor({ neighbour }: Holder): boolean {
    const count = this.#counts.get(neighbour) ?? 0;
    return this.#entries.size < MAX_WANTED && count < MAX_PER_NEIGHBOUR;
  }

  #enter(origin: string, asked: Holder, others: Holder[]): true {
    this.#count(asked.neighbour, 1);
    this.#entries.set(origin, { asked, others, looks: 0 });
    return true;
  }

  #count(neighbour: Neighbour, change: 1 | -1): void {
    const count = (this.#counts.get(neighbour) ?? 0) + change;
    if (count > 0) this.#counts.set(neighbour, count);
    else this.#counts.delete(neighbour);
  }

  #schedule(): void {
    if (this.#entries.size === 0) return;
    this.#timer ??= this.#options.clock.setTimeout(() => this.#tick(), TICK, { background: true });
  }

  #tick(): void {
    this.#timer = undefined;
    const asked = new Map<Neighbour, string[]>();
    for (const [origin, entry] of [...this.#entries]) {
      entry.looks += 1;
      const neighbour = this.#isOverdue(entry) ? this.#askAnother(origin, entry) : undefined;
      if (neighbour) asked.set(neighbour, [...(asked.get(neighbour) ?? []), origin]);
    }
    for (const [neighbour, origins] of asked) this.#options.ask(neighbour, origins);
    this.#schedule();
  }

  #isOverdue({ asked, looks }: Entry): boolean {
    return looks >= PATIENCE || !this.#options.isLinked(asked.neighbour);
  }

  /** @returns whom to ask; undefined if nobody is left, until somebody says again that he has it. */
  #askAnother(origin: string, { others }: Entry): Neighbour | undefined {
    this.settle(origin);
    const left = others.filter(
      ({ neighbour, version }) =>
        this.#options.isLinked(neighbour) && this.#isNews(origin, version),
    );
    const [next, ...rest] = left;
    if (next) this.#enter(origin, next, rest);
    return next?.neighbour;
  }
}

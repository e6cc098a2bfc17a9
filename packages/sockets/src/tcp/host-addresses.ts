import type { Clock, Timer } from "@net/core";
import type { Candidates } from "./happy-eyeballs.ts";
import { type HostAddress, type Lookup, lookupBySystem } from "./lookup.ts";

/** RFC 8305 §3: the recommended Resolution Delay, in ms. */
const RESOLUTION_DELAY = 50;

export interface HostAddressesOptions {
  readonly lookup?: Lookup | undefined;
  readonly clock: Clock;
}

/**
 * The addresses of a host in the order to try them, as they become known (RFC 8305 §3 and §4): each family is asked for
 * by itself, IPv6 first. IPv6 addresses can be tried at once; IPv4 ones when those have come too, when it is known that
 * there are none, or 50 ms after their own arrival. The families take turns, IPv6 first, also with those that come late.
 */
export class HostAddresses implements Candidates<HostAddress>, Disposable {
  /** Why a family is not known. */
  readonly errors: unknown[] = [];
  readonly #clock: Clock;
  readonly #waiting: Record<4 | 6, HostAddress[]> = { 4: [], 6: [] };
  readonly #asked = new Set<4 | 6>([6, 4]);
  #delay: Timer | undefined;
  #mayStart = false;
  #next: 4 | 6 = 6;
  #onChange: () => void = () => {};

  constructor(host: string, { lookup = lookupBySystem, clock }: HostAddressesOptions) {
    this.#clock = clock;
    for (const family of [...this.#asked]) void this.#ask(host, family, lookup);
  }

  get isComplete(): boolean {
    return this.#asked.size === 0;
  }

  onChange(callback: () => void): void {
    this.#onChange = callback;
  }

  take(): HostAddress | undefined {
    if (!this.#mayStart) return undefined;
    const address = this.#waiting[this.#next].shift() ?? this.#waiting[other(this.#next)].shift();
    if (address) this.#next = other(address.family);
    return address;
  }

  /** What is not known by now comes too late. */
  [Symbol.dispose](): void {
    this.#delay?.cancel();
    this.#onChange = () => {};
    this.#asked.clear();
  }

  async #ask(host: string, family: 4 | 6, lookup: Lookup): Promise<void> {
    try {
      const found = await lookup(host, family);
      this.#waiting[family] = found.filter((address) => address.family === family);
    } catch (error) {
      this.errors.push(error);
    }
    if (!this.#asked.delete(family)) return;
    if (this.isComplete || this.#waiting[6].length > 0) this.#start();
    else if (this.#waiting[4].length > 0) {
      this.#delay = this.#clock.setTimeout(() => this.#start(), RESOLUTION_DELAY);
    }
  }

  #start(): void {
    this.#delay?.cancel();
    this.#mayStart = true;
    this.#onChange();
  }
}

function other(family: 4 | 6): 4 | 6 {
  return family === 4 ? 6 : 4;
}

import { assertAmount } from "../numbers.ts";

/** What can go wrong between the hosts of a memory network, switched on and off by a test. */
export interface MemoryFaults {
  /**
   * How long every frame and every dial travels one way, in ms; default 0 (the next microtask). What is under way
   * keeps its delay, and its place before what is sent later.
   *
   * @throws ValidationError if the delay is no finite number of 0 or more; where a function gives it, `send` and
   * `dial` do.
   */
  delay(ms: number | ((from: string, to: string) => number)): void;
  /**
   * Kills all links between two hosts, or all of one host: both ends see `lost` at once, whatever the delay or
   * partition between them; a frozen host once it thaws.
   */
  loseLinks(host: string, other?: string): void;
  /** The host's network stands still, as if its process were stopped: nothing leaves, nothing arrives. */
  freeze(host: string): void;
  thaw(host: string): void;
  /**
   * Hosts of different groups no longer reach each other; frames wait, as in TCP, until {@link MemoryFaults.heal}.
   * Hosts that are not named form one group of their own.
   */
  partition(...groups: readonly (readonly string[])[]): void;
  heal(): void;
}

/** The switches as they stand. */
export class FaultState {
  readonly #frozen = new Set<string>();
  #groupOf: ReadonlyMap<string, number> = new Map();
  #delay: (from: string, to: string) => number = () => 0;

  setDelay(ms: number | ((from: string, to: string) => number)): void {
    if (typeof ms === "number") assertAmount(ms, "delay");
    this.#delay = typeof ms === "number" ? () => ms : ms;
  }

  setFrozen(host: string, frozen: boolean): void {
    if (frozen) this.#frozen.add(host);
    else this.#frozen.delete(host);
  }

  setGroups(groups: readonly (readonly string[])[]): void {
    this.#groupOf = new Map(groups.flatMap((hosts, index) => hosts.map((host) => [host, index])));
  }

  delayMs(from: string, to: string): number {
    return assertAmount(this.#delay(from, to), `the delay from ${from} to ${to}`);
  }

  isFrozen(host: string): boolean {
    return this.#frozen.has(host);
  }

  /** True while nothing gets from one host to the other. */
  blocked(from: string, to: string): boolean {
    if (this.isFrozen(from) || this.isFrozen(to)) return true;
    return this.#groupOf.get(from) !== this.#groupOf.get(to);
  }
}

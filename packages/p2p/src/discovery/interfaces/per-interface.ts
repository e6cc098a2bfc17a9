import {
  type Clock,
  ConnectionError,
  type Logger,
  type NetworkError,
  type Timer,
  toNetworkError,
} from "@net/core";
import { listInterfaces, type NetInterface, selectInterfaces } from "./net-interface.ts";

/** How often the interfaces are looked at, in ms: systems tell it in ways that Node does not pass on. */
const LOOK_INTERVAL = 2_000;
/** Time that passed without this process running, in ms: the machine slept, and may be anywhere now. */
const SLEPT = 10_000;

/** Something open on an interface. */
export interface Opened {
  close(): Promise<void>;
}

export interface PerInterfaceOptions<T extends Opened> {
  /** Names or addresses. */
  readonly wanted: readonly string[] | "all";
  readonly clock: Clock;
  readonly logger: Logger;
  /** Which of the interfaces can be used at all. Default: all. */
  readonly usable?: (netInterface: NetInterface) => boolean;
  /** Calls `onBroken` when what it has opened broke; it is opened again at the next look. */
  readonly open: (netInterface: NetInterface, onBroken: () => void) => Promise<T>;
  readonly onOpened?: (opened: T) => void;
  /** Its interface has gone or changed; it is closed already. */
  readonly onGone?: (opened: T) => void;
  /** Default: the system's. */
  readonly list?: () => readonly NetInterface[];
}

/** Keeps something open on each of the wanted interfaces, as they come, change and go. */
export class PerInterface<T extends Opened> implements AsyncDisposable {
  readonly #options: PerInterfaceOptions<T>;
  readonly #open = new Map<string, T>();
  #timer: Timer | undefined;
  /** What is done to the interfaces, one thing after the other. */
  #working: Promise<void> = Promise.resolve();
  #lookedAtMs: number;
  #firstError: NetworkError | undefined;
  #closed = false;

  private constructor(options: PerInterfaceOptions<T>) {
    this.#options = options;
    this.#lookedAtMs = options.clock.nowMs();
  }

  /** @throws ConnectionError `ADDRESS_UNAVAILABLE` if there is no such interface, or why none can be used. */
  static async start<T extends Opened>(options: PerInterfaceOptions<T>): Promise<PerInterface<T>> {
    const all = new PerInterface(options);
    await all.look();
    if (all.#open.size === 0) {
      await all.close();
      throw all.#firstError ?? noInterface(options.wanted);
    }
    all.#timer = options.clock.setInterval(() => void all.look(), LOOK_INTERVAL);
    return all;
  }

  get opened(): readonly T[] {
    return [...this.#open.values()];
  }

  /** Looks at the interfaces now. */
  async look(): Promise<void> {
    await this.#then(() => this.#look());
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#working;
    const all = this.opened;
    this.#open.clear();
    await Promise.all(all.map((each) => each.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** What fails is noted: the next look tries anew. */
  async #then(work: () => Promise<void>): Promise<void> {
    this.#working = this.#working.then(work).catch((error: unknown) => {
      this.#options.logger.warn({ error }, "the interfaces could not be looked at");
    });
    await this.#working;
  }

  async #look(): Promise<void> {
    if (this.#closed) return;
    const { wanted, usable = () => true, list = listInterfaces } = this.#options;
    const now = selectInterfaces(list(), wanted).filter(usable);
    const keys = this.#hasSlept() ? new Set<string>() : new Set(now.map(({ key }) => key));
    for (const [key, opened] of this.#open) if (!keys.has(key)) await this.#drop(key, opened);
    for (const each of now) if (!this.#open.has(each.key)) await this.#add(each);
  }

  async #add(netInterface: NetInterface): Promise<void> {
    const { logger } = this.#options;
    try {
      await this.#openOn(netInterface);
    } catch (error) {
      // Interfaces without multicast, or whose address is gone again: the others count, and the next look tries anew.
      this.#firstError ??= toNetworkError(error);
      const { name } = netInterface;
      logger.debug({ error, interface: name }, "an interface cannot be used for discovery");
    }
  }

  async #openOn(netInterface: NetInterface): Promise<void> {
    const { open, onOpened } = this.#options;
    const onBroken = (): void => void this.#then(() => this.#discard(netInterface.key));
    const opened = await open(netInterface, onBroken);
    if (this.#closed) {
      await opened.close();
      return;
    }
    this.#open.set(netInterface.key, opened);
    onOpened?.(opened);
  }

  async #discard(key: string): Promise<void> {
    const opened = this.#open.get(key);
    if (opened) await this.#drop(key, opened);
  }

  async #drop(key: string, opened: T): Promise<void> {
    this.#open.delete(key);
    await opened.close();
    this.#options.onGone?.(opened);
  }

  /** The clock on the wall went on while this process did not: neighbours may be others now. */
  #hasSlept(): boolean {
    const nowMs = this.#options.clock.nowMs();
    const passedMs = nowMs - this.#lookedAtMs;
    this.#lookedAtMs = nowMs;
    return passedMs > LOOK_INTERVAL + SLEPT;
  }
}

function noInterface(wanted: readonly string[] | "all"): ConnectionError {
  const names = wanted === "all" ? "that can be used for discovery" : wanted.join(" or ");
  return new ConnectionError(`this machine has no interface ${names}`, {
    ...{ code: "ADDRESS_UNAVAILABLE", phase: "listen" },
  });
}

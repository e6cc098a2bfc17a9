import { type Clock, ConnectionError, type Logger, type Timer } from "@net/core";
import { listInterfaces, type NetInterface, selectInterfaces } from "./net-interface.ts";

/** How often the interfaces are looked at, in ms: systems tell it in ways that Node does not pass on. */
const LOOK_INTERVAL = 5_000;
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
  readonly open: (netInterface: NetInterface) => Promise<T>;
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
  #looking: Promise<void> = Promise.resolve();
  #lookedAtMs: number;
  #firstError: unknown;
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
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look());
    return this.#looking;
  }

  /** It broke: opened again at the next look. */
  async discard(opened: T): Promise<void> {
    for (const [key, each] of this.#open) if (each === opened) await this.#drop(key, each);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#looking;
    const all = this.opened;
    this.#open.clear();
    await Promise.all(all.map((each) => each.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
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
    const { open, onOpened, logger } = this.#options;
    try {
      const opened = await open(netInterface);
      this.#open.set(netInterface.key, opened);
      onOpened?.(opened);
    } catch (error) {
      // Interfaces without multicast, or whose address is gone again: the others count, and the next look tries anew.
      this.#firstError ??= error;
      logger.debug(
        { error, interface: netInterface.name },
        "an interface cannot be used for discovery",
      );
    }
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

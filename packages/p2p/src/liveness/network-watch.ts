import { type Clock, EventPublisher, type Timer } from "@net/core";
import { type LocalInterface, localInterfaces } from "@net/sockets";

/** How often the addresses are looked at, in ms: one system call of some 50 µs. */
const PERIOD = 1_000;

export interface NetworkWatchOptions {
  readonly clock: Clock;
  /** The addresses of this machine. Default: as the system says. */
  readonly interfaces?: () => readonly Pick<LocalInterface, "address" | "internal">[];
}

/** What has become of the addresses by which this machine can be reached. */
export interface NetworkChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export interface NetworkWatchEvents {
  /** The machine is in another network, or has one more, or less. */
  changed: readonly [change: NetworkChange];
}

/** Notices when this machine gets or loses an address. It does not keep a process alive. */
export class NetworkWatch extends EventPublisher<NetworkWatchEvents> implements Disposable {
  readonly #interfaces: () => readonly Pick<LocalInterface, "address" | "internal">[];
  readonly #timer: Timer;
  #addresses: ReadonlySet<string>;

  constructor({ clock, interfaces = localInterfaces }: NetworkWatchOptions) {
    super();
    this.#interfaces = interfaces;
    this.#addresses = this.#read();
    this.#timer = clock.setInterval(() => this.look(), PERIOD, { background: true });
  }

  /** Looks now: after this machine woke, for instance. */
  look(): void {
    const before = this.#addresses;
    const now = this.#read();
    this.#addresses = now;
    const added = [...now].filter((address) => !before.has(address));
    const removed = [...before].filter((address) => !now.has(address));
    if (added.length + removed.length > 0) this.emit("changed", { added, removed });
  }

  [Symbol.dispose](): void {
    this.#timer.cancel();
  }

  #read(): ReadonlySet<string> {
    const outer = this.#interfaces().filter(({ internal }) => !internal);
    return new Set(outer.map(({ address }) => address));
  }
}

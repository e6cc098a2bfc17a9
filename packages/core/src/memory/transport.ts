import { abortable, throwIfAborted } from "../abort/aborted.ts";
import { sleep } from "../abort/sleep.ts";
import { type Clock, systemClock } from "../clock.ts";
import { ConnectionError, ValidationError } from "../errors/kinds.ts";
import { acceptLink } from "../link/accept-link.ts";
import type { BaseLinkOptions } from "../link/base-link.ts";
import type { Acceptor, Dialer, DialOptions, Link, Listener } from "../link/transport.ts";
import { FaultState, type MemoryFaults } from "./faults.ts";
import { MemoryLink } from "./link.ts";
import { Pipe } from "./pipe.ts";

export interface MemoryTransportOptions {
  readonly clock?: Clock | undefined;
  readonly maxFrameBytes?: number | undefined;
  readonly highWaterMark?: number | undefined;
}

/** A network inside this process, with faults to switch on. */
export interface MemoryTransport extends Dialer, Acceptor {
  /** The same network as that host sees it: its dials come from there. Without it they come from `anyone`. */
  at(host: string): Dialer & Acceptor;
  readonly faults: MemoryFaults;
}

interface OpenLink {
  readonly hosts: readonly [string, string];
  readonly pipes: readonly [Pipe, Pipe];
  readonly ends: readonly [MemoryLink, MemoryLink];
}

const addressGrammar = /^memory:(?<host>[\w.-]{1,128})$/;

/**
 * A transport without sockets: links within this process, for tests and for agents that live together.
 * Addresses are `memory:<host>`. Frames pass without being copied.
 *
 * @example
 * ```ts
 * const network = memoryTransport();
 * await network.listen("memory:server", (link) => link.receive((frame) => link.send(frame)));
 * await using link = await network.dial("memory:server");
 * network.faults.freeze("server");
 * ```
 */
export function memoryTransport(options: MemoryTransportOptions = {}): MemoryTransport {
  const network = new MemoryNetwork(options);
  return { ...network.at("anyone"), at: (host) => network.at(host), faults: network.faults };
}

class MemoryNetwork {
  readonly #options: MemoryTransportOptions;
  readonly #clock: Clock;
  readonly #state = new FaultState();
  readonly #listeners = new Map<string, { readonly accept: (link: Link) => void }>();
  readonly #links = new Set<OpenLink>();
  #changed = Promise.withResolvers<void>();

  readonly faults: MemoryFaults = {
    delay: (ms) => this.#state.setDelay(ms),
    loseLinks: (host, other) => this.#loseLinks(host, other),
    freeze: (host) => this.#change(() => this.#state.setFrozen(host, true)),
    thaw: (host) => this.#change(() => this.#state.setFrozen(host, false)),
    partition: (...groups) => this.#change(() => this.#state.setGroups(groups)),
    heal: () => this.#change(() => this.#state.setGroups([])),
  };

  constructor(options: MemoryTransportOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  at(from: string): Dialer & Acceptor {
    return {
      schemes: ["memory"],
      dial: (address, options) => this.#dial(from, address, options),
      listen: async (address, accept, options) => {
        throwIfAborted(options?.signal);
        return this.#listen(address, accept);
      },
    };
  }

  #listen(address: string, accept: (link: Link) => void): Listener {
    const host = hostOf(address);
    if (this.#listeners.has(host)) {
      throw new ConnectionError(`cannot listen at ${address}: somebody else does`, {
        code: "ADDRESS_IN_USE",
        phase: "listen",
      });
    }
    const listener = { accept };
    this.#listeners.set(host, listener);
    const close = async (): Promise<void> => {
      if (this.#listeners.get(host) === listener) this.#listeners.delete(host);
    };
    return { address, close, [Symbol.asyncDispose]: close };
  }

  async #dial(from: string, address: string, { signal }: DialOptions = {}): Promise<Link> {
    throwIfAborted(signal);
    const to = hostOf(address);
    await this.#travel(from, to, signal);
    const listener = this.#listeners.get(to);
    if (!listener) {
      throw new ConnectionError(`cannot dial ${address}: nobody listens there`, {
        code: "CONNECTION_REFUSED",
      });
    }
    const [dialler, acceptor] = this.#open(from, to);
    acceptLink(listener.accept, acceptor);
    return dialler;
  }

  /** There and back, and not while the way is blocked. */
  async #travel(from: string, to: string, signal: AbortSignal | undefined): Promise<void> {
    while (this.#state.blocked(from, to)) await abortable(this.#changed.promise, signal);
    const roundTripMs = this.#state.delayMs(from, to) + this.#state.delayMs(to, from);
    if (roundTripMs > 0) await sleep(roundTripMs, { signal, clock: this.#clock });
    else await Promise.resolve();
    throwIfAborted(signal);
    if (this.#state.blocked(from, to)) await this.#travel(from, to, signal);
  }

  #open(from: string, to: string): readonly [MemoryLink, MemoryLink] {
    const there = new Pipe(from, to, this.#state, this.#clock);
    const back = new Pipe(to, from, this.#state, this.#clock);
    let openEnds = 2;
    const ends = MemoryLink.pair(there, back, [this.#linkTo(to), this.#linkTo(from)], () => {
      if (--openEnds === 0) this.#forget(link);
    });
    const link: OpenLink = { hosts: [from, to], pipes: [there, back], ends };
    this.#links.add(link);
    return ends;
  }

  #forget(link: OpenLink): void {
    this.#links.delete(link);
    for (const pipe of link.pipes) pipe.discard();
  }

  #linkTo(host: string): BaseLinkOptions {
    return { ...this.#options, remoteAddress: `memory:${host}` };
  }

  #loseLinks(host: string, other: string | undefined): void {
    for (const { hosts, ends } of this.#links) {
      if (!hosts.includes(host) || (other !== undefined && !hosts.includes(other))) continue;
      for (const end of ends) end.lose();
    }
  }

  #change(apply: () => void): void {
    apply();
    for (const { pipes } of this.#links) for (const pipe of pipes) pipe.wake();
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

function hostOf(address: string): string {
  const host = addressGrammar.exec(address)?.groups?.host;
  if (host === undefined) {
    throw new ValidationError(`"${address}" is no memory address; one looks like memory:laptop`);
  }
  return host;
}

import {
  type Acceptor,
  abortable,
  ConnectionError,
  type Dialer,
  type DialOptions,
  type Link,
  type Listener,
  type MemoryTransport,
} from "@net/core";
import { GatedLink } from "./gated-link.ts";
import type { Ways } from "./ways.ts";

const SCHEME = "memory:";

/** The network of one machine: it can move to another address, and lose its power. */
export class Machine implements Dialer, Acceptor {
  readonly schemes: readonly string[] = ["memory"];
  readonly #memory: MemoryTransport;
  readonly #ways: Ways;
  readonly #links = new Set<GatedLink>();
  readonly #off: () => void;
  #host: string;
  #accept: ((link: Link) => void) | undefined;
  #listener: Listener | undefined;
  #isDead = false;

  constructor(host: string, memory: MemoryTransport, ways: Ways) {
    this.#host = host;
    this.#memory = memory;
    this.#ways = ways;
    this.#off = ways.onChange(() => {
      for (const link of this.#links) link.update();
    });
  }

  /** What is wrong with its network, if anything is. */
  damage: ((frame: Uint8Array) => Uint8Array) | undefined;

  /** Where it is now. */
  get host(): string {
    return this.#host;
  }

  /** How many links it has. */
  get links(): number {
    return this.#links.size;
  }

  async dial(address: string, options: DialOptions = {}): Promise<Link> {
    if (this.#isDead) throw new ConnectionError("this machine is dead");
    const to = address.slice(SCHEME.length);
    while (this.#ways.isShut(this.#host, to) || this.#ways.isShut(to, this.#host)) {
      await abortable(this.#ways.changed, options.signal);
    }
    return this.#gated(await this.#memory.at(this.#host).dial(address, options));
  }

  async listen(_: string, accept: (link: Link) => void): Promise<Listener> {
    this.#accept = accept;
    await this.#relisten();
    const close = async (): Promise<void> => {
      await this.#listener?.close();
      this.#accept = undefined;
    };
    return { address: SCHEME + this.#host, close, [Symbol.asyncDispose]: close };
  }

  /** It is in another network: nothing that goes to its old address arrives, nor what still comes from there. */
  async move(host: string): Promise<void> {
    this.#memory.faults.freeze(this.#host);
    this.#host = host;
    await this.#relisten();
  }

  /** Its process was killed. The system closes its sockets, and refuses whoever dials. */
  async kill(): Promise<void> {
    this.#isDead = true;
    this.#off();
    await this.#listener?.close();
    this.#memory.faults.loseLinks(this.#host);
  }

  async #relisten(): Promise<void> {
    await this.#listener?.close();
    const accept = this.#accept;
    if (!accept) return;
    this.#listener = await this.#memory
      .at(this.#host)
      .listen(SCHEME + this.#host, (link) => accept(this.#gated(link)));
  }

  #gated(inner: Link): GatedLink {
    const from = inner.remoteAddress.slice(SCHEME.length);
    const link = new GatedLink(
      inner,
      () => this.#ways.isShut(from, this.#host),
      (frame) => this.damage?.(frame) ?? frame,
    );
    this.#links.add(link);
    void link.closed.then(() => this.#links.delete(link));
    return link;
  }
}

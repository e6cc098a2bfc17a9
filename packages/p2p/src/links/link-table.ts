import { abortable, type CloseReason, Emitter } from "@net/core";
import type { Channel } from "../channel/channel.ts";
import { alreadyLinked } from "./refusal.ts";

interface TableEvents {
  added: readonly [link: Channel];
}

/** The links of this peer, one per neighbour. A link leaves by itself when it ends. */
export class LinkTable implements Iterable<Channel> {
  readonly #links = new Map<string, Channel>();
  readonly #events = new Emitter<TableEvents>();

  get size(): number {
    return this.#links.size;
  }

  has(peerId: string): boolean {
    return this.#links.has(peerId);
  }

  get(peerId: string): Channel | undefined {
    return this.#links.get(peerId);
  }

  /** @param onEnd called once, after the link has left. @throws NetworkError `CONFLICT` */
  add(link: Channel, onEnd: (reason: CloseReason) => void): void {
    const { peerId } = link;
    if (this.#links.has(peerId)) throw alreadyLinked(`there is a link to ${peerId} already`);
    this.#links.set(peerId, link);
    void link.closed.then((reason) => {
      this.#links.delete(peerId);
      onEnd(reason);
    });
    this.#events.emit("added", link);
  }

  /** The link to that peer, as soon as there is one. @throws AbortedError */
  async when(peerId: string, signal: AbortSignal): Promise<Channel> {
    const known = this.#links.get(peerId);
    if (known) return known;
    const { promise, resolve } = Promise.withResolvers<Channel>();
    const off = this.#events.on("added", (link) => {
      if (link.peerId === peerId) resolve(link);
    });
    return await abortable(promise, signal).finally(off);
  }

  [Symbol.iterator](): MapIterator<Channel> {
    return this.#links.values();
  }
}

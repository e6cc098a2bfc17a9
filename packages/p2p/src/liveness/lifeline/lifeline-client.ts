import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import { type Clock, onAbort } from "@net/core";
import { encodeQuestion, NONCE_BYTES, nonceOf, readAnswer } from "./datagram.ts";
import type { LifelineTicket } from "./lifeline.ts";

/** How long an answer may take, in ms: as long as it is of use. */
const TIMEOUT = 1_000;

/** Where a neighbour's lifeline is, and what is needed to ask it. */
export interface LifelineAddress extends LifelineTicket {
  /** That of the link: an IP address. */
  readonly host: string;
}

export interface AskOptions {
  readonly signal?: AbortSignal | undefined;
  /** In ms. Default 1000. */
  readonly timeout?: number | undefined;
}

interface Pending {
  readonly key: Uint8Array;
  readonly settle: (tickedMsAgo: number | undefined) => void;
}

/** Asks the lifelines of neighbours. Its sockets open with the first question and do not keep a process alive. */
export class LifelineClient implements Disposable {
  readonly #clock: Clock;
  readonly #pending = new Map<string, Pending>();
  readonly #sockets = new Map<"udp4" | "udp6", Socket>();
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * How long ago the main thread of that process last ticked, in ms; undefined if no answer comes, which says nothing: UDP may be
   * blocked on the way. Never rejects.
   */
  async ask(address: LifelineAddress, options: AskOptions = {}): Promise<number | undefined> {
    const { signal, timeout = TIMEOUT } = options;
    if (this.#isClosed || signal?.aborted) return undefined;
    const nonce = randomBytes(NONCE_BYTES);
    const id = idOf(nonce);
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    const settle = (tickedMsAgo: number | undefined): void => {
      this.#pending.delete(id);
      resolve(tickedMsAgo);
    };
    this.#pending.set(id, { key: address.key, settle });
    using _listener = onAbort(signal, () => settle(undefined));
    using _timer = this.#clock.setTimeout(() => settle(undefined), timeout, { background: true });
    this.#send(address, encodeQuestion({ ticket: address.ticket, nonce }, address.key));
    return await promise;
  }

  /** Nobody is asked any more; those who wait get undefined. Disposing twice is fine. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
    for (const { settle } of [...this.#pending.values()]) settle(undefined);
  }

  /** A question that cannot be sent is one without an answer. */
  #send({ host, port }: LifelineAddress, question: Uint8Array): void {
    this.#socket(isIPv6(host) ? "udp6" : "udp4").send(question, port, host, () => {});
  }

  #socket(type: "udp4" | "udp6"): Socket {
    const open = this.#sockets.get(type);
    if (open) return open;
    const socket = createSocket(type);
    socket.unref();
    socket.on("message", (bytes) => this.#receive(bytes));
    // For instance no such family here: the next question tries a new socket.
    socket.on("error", () => this.#drop(type, socket));
    this.#sockets.set(type, socket);
    return socket;
  }

  #drop(type: "udp4" | "udp6", socket: Socket): void {
    if (this.#sockets.get(type) !== socket) return;
    this.#sockets.delete(type);
    socket.close();
  }

  /** Only what answers a question that waits, once, with the key that belongs to it. */
  #receive(bytes: Uint8Array): void {
    const nonce = nonceOf(bytes);
    const pending = nonce && this.#pending.get(idOf(nonce));
    if (!pending) return;
    const answer = readAnswer(bytes, pending.key);
    if (answer) pending.settle(answer.tickedMsAgo);
  }
}

function idOf(nonce: Uint8Array): string {
  return Buffer.from(nonce).toString("base64url");
}

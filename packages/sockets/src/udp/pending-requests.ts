import type { NetworkError } from "@net/core";
import type { Datagram } from "./datagram.ts";

/** A request that waits for its answer. */
export interface PendingRequest extends Disposable {
  readonly answer: Promise<Datagram>;
}

interface Waiting {
  readonly isAnswer: (datagram: Datagram) => boolean;
  readonly resolve: (datagram: Datagram) => void;
  readonly reject: (error: unknown) => void;
}

/** Requests under way; each datagram goes to the one that waits longest and knows it. */
export class PendingRequests {
  readonly #waiting = new Set<Waiting>();

  add(isAnswer: (datagram: Datagram) => boolean): PendingRequest {
    const { promise, resolve, reject } = Promise.withResolvers<Datagram>();
    promise.catch(() => {}); // Between two waits nobody listens; the next one learns it.
    const waiting: Waiting = { isAnswer, resolve, reject };
    this.#waiting.add(waiting);
    return { answer: promise, [Symbol.dispose]: () => this.#waiting.delete(waiting) };
  }

  /** True if the datagram was somebody's answer. A matcher that throws ends its own request. */
  take(datagram: Datagram): boolean {
    for (const waiting of this.#waiting) {
      try {
        if (!waiting.isAnswer(datagram)) continue;
        waiting.resolve(datagram);
      } catch (error) {
        waiting.reject(error);
      }
      this.#waiting.delete(waiting);
      return true;
    }
    return false;
  }

  end(error: NetworkError): void {
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting.clear();
  }
}

import { AsyncQueue, type NetworkError } from "@net/core";
import { positiveInteger } from "../validate.ts";
import type { Datagram } from "./datagram.ts";
import type { UDPClientOptions } from "./options.ts";

const DEFAULT_DATAGRAMS = 1024;
const DEFAULT_BYTES = 1024 * 1024;

/**
 * Datagrams that wait to be received. When it is full, new ones are dropped, as the system does with its own buffer:
 * UDP has no way to slow a sender down.
 */
export class Inbox {
  readonly #queue: AsyncQueue<Datagram>;
  readonly #maxDatagrams: number;
  #waiting = 0;
  #dropped = 0;

  /** @throws ValidationError naming the option that is out of range. */
  constructor({ datagrams, bytes }: NonNullable<UDPClientOptions["queue"]> = {}) {
    this.#maxDatagrams = positiveInteger("queue.datagrams", datagrams ?? DEFAULT_DATAGRAMS);
    const capacity = positiveInteger("queue.bytes", bytes ?? DEFAULT_BYTES);
    this.#queue = new AsyncQueue({ capacity, sizeOf: ({ data }) => data.byteLength });
  }

  /** How many were dropped since the beginning. */
  get dropped(): number {
    return this.#dropped;
  }

  add(datagram: Datagram): void {
    if (this.#queue.ended) return;
    if (this.#waiting >= this.#maxDatagrams || this.#queue.push(datagram) === "refused") {
      this.#dropped++;
    } else {
      this.#waiting++;
    }
  }

  /** The next one; undefined once it has ended and is empty. */
  async take(signal: AbortSignal | undefined): Promise<Datagram | undefined> {
    const datagram = await this.#queue.take({ signal });
    if (datagram) this.#waiting--;
    return datagram;
  }

  end(error?: NetworkError): void {
    this.#queue.end(error);
  }
}

import type { Socket } from "node:net";
import { ValidationError } from "@net/core";

export interface ConnectionLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
}

/** How many connections a listener has, and how many of them from one address; a handshake counts already. */
export class ConnectionLimit {
  readonly #limits: ConnectionLimits;
  readonly #byAddress = new Map<string, number>();
  #count = 0;

  /** @throws ValidationError unless the limits are above 0; Infinity is none. */
  constructor(limits: ConnectionLimits) {
    assertLimit(limits.maxConnections, "maxConnections");
    assertLimit(limits.maxConnectionsPerAddress, "maxConnectionsPerAddress");
    this.#limits = limits;
  }

  /** Counts a connection until it is closed. @returns false if it is one too many. */
  tryTake(socket: Socket): boolean {
    const address = socket.remoteAddress ?? "";
    const others = this.#byAddress.get(address) ?? 0;
    const { maxConnections, maxConnectionsPerAddress } = this.#limits;
    if (this.#count >= maxConnections || others >= maxConnectionsPerAddress) return false;
    this.#count++;
    this.#byAddress.set(address, others + 1);
    socket.once("close", () => this.#release(address));
    return true;
  }

  #release(address: string): void {
    this.#count--;
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#byAddress.delete(address);
    else this.#byAddress.set(address, left);
  }
}

function assertLimit(value: number, what: string): void {
  if (value > 0) return;
  throw new ValidationError(`${what} must be above 0, not ${value}`);
}

import { OverloadedError } from "@net/core";
import type { LedgerLimits } from "./ledger-limits.ts";

interface Share {
  keys: number;
  bytes: number;
}

/** Who uses how much of a ledger. Room is refused to newcomers; what is kept is never thrown out for them. */
export class LedgerQuota {
  readonly #limits: LedgerLimits;
  readonly #shares = new Map<string, Share>();
  #keys = 0;
  #bytes = 0;

  constructor(limits: LedgerLimits) {
    this.#limits = limits;
  }

  get keys(): number {
    return this.#keys;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Takes room for one more key, or says why there is none. */
  takeKey(owner: string): OverloadedError | undefined {
    const refusal = this.#refusal(owner);
    if (refusal) return refusal;
    this.#add(owner, 1, 0);
    return undefined;
  }

  /** Takes room for a result; false if there is none. */
  takeBytes(owner: string, bytes: number): boolean {
    const { maxResultBytes, maxBytes, maxBytesPerOwner } = this.#limits;
    const fits =
      bytes <= maxResultBytes &&
      this.#bytes + bytes <= maxBytes &&
      this.#of(owner).bytes + bytes <= maxBytesPerOwner;
    if (fits) this.#add(owner, 0, bytes);
    return fits;
  }

  /** A key is forgotten, and its result with it. */
  release(owner: string, bytes: number): void {
    this.#add(owner, -1, -bytes);
  }

  #refusal(owner: string): OverloadedError | undefined {
    const { maxKeys, maxKeysPerOwner, maxBytes, maxBytesPerOwner } = this.#limits;
    const { keys, bytes } = this.#of(owner);
    if (keys >= maxKeysPerOwner) return full(`${maxKeysPerOwner} idempotency keys of this caller`);
    if (bytes >= maxBytesPerOwner) return full(`${maxBytesPerOwner} bytes of this caller`);
    if (this.#keys >= maxKeys) return full(`${maxKeys} idempotency keys`);
    if (this.#bytes >= maxBytes) return full(`${maxBytes} bytes`);
    return undefined;
  }

  #of(owner: string): Share {
    return this.#shares.get(owner) ?? { keys: 0, bytes: 0 };
  }

  #add(owner: string, keys: number, bytes: number): void {
    const share = this.#of(owner);
    share.keys += keys;
    share.bytes += bytes;
    this.#keys += keys;
    this.#bytes += bytes;
    if (share.keys > 0) this.#shares.set(owner, share);
    else this.#shares.delete(owner);
  }
}

function full(what: string): OverloadedError {
  return new OverloadedError(`the ledger of results is full: it holds ${what} until they expire`);
}

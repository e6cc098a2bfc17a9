import { AuthenticationError } from "../errors/kinds.ts";
import { NetworkError } from "../errors/network-error.ts";
import { keyOf, keyText, type Statement, timeOf } from "./statement.ts";

interface Former {
  readonly key: string;
  /** When the successor was named: what the key says after that counts no more. */
  readonly succeededMs: number;
  /** Until when its certificates count. */
  readonly graceUntilMs: number;
  readonly text: string;
}

/** An owner's key, and those that were it before. */
export class OwnerKeys {
  #current: Uint8Array;
  readonly #former = new Map<string, Former>();

  constructor(first: Uint8Array) {
    this.#current = first;
  }

  get current(): Uint8Array {
    return this.#current;
  }

  /** Whether that key is the owner's, or was. */
  has(key: Uint8Array): boolean {
    const text = keyText(key);
    return text === keyText(this.#current) || this.#former.has(text);
  }

  /** The statements that lead from the first key to the current one, in order. */
  get succession(): readonly string[] {
    return [...this.#former.values()].map(({ text }) => text);
  }

  /** Whether certificates with that issuer and date count now. @throws AuthenticationError if not. */
  assertCertifies(statement: Statement, nowMs: number): void {
    const former = this.#issuer(statement);
    if (former && nowMs >= former.graceUntilMs) {
      throw new AuthenticationError(
        "the owner has another key now, and this certificate is of the old one",
      );
    }
  }

  /** Whether that issuer was the owner's key when it said so. @throws AuthenticationError if not. */
  assertOwner(statement: Statement): void {
    this.#issuer(statement);
  }

  /**
   * Takes a successor's naming.
   *
   * @returns false if it is known.
   * @throws NetworkError `CONFLICT` if the key has another successor already; AuthenticationError if it is not the owner's.
   */
  succeed(statement: Statement): boolean {
    const { signer, claims, issuedAtMs, text } = statement;
    const key = keyText(signer);
    const known = this.#former.get(key);
    if (known) {
      if (known.text === text) return false;
      throw new NetworkError("CONFLICT", "the owner's key has another successor already");
    }
    this.assertOwner(statement);
    const next = keyOf(claims, "sub");
    if (keyText(next) === key || this.#former.has(keyText(next))) {
      throw new AuthenticationError("an owner key that was succeeded cannot come back");
    }
    const graceUntilMs = timeOf(claims, "grace_until");
    this.#former.set(key, { key, succeededMs: issuedAtMs, graceUntilMs, text });
    this.#current = next;
    return true;
  }

  /** The former key that signed it; undefined if the current one did. */
  #issuer({ signer, issuedAtMs }: Statement): Former | undefined {
    const key = keyText(signer);
    if (key === keyText(this.#current)) return undefined;
    const former = this.#former.get(key);
    if (former && issuedAtMs <= former.succeededMs) return former;
    throw new AuthenticationError("a statement is not signed by the owner that is trusted here");
  }
}

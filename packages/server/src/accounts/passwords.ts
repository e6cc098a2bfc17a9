import { randomBytes } from "node:crypto";
import { ValidationError } from "@net/core";
import { hash, verify } from "@node-rs/argon2";
import { Semaphore } from "../limits/semaphore.ts";

/** OWASP's Password Storage Cheat Sheet, argon2id (this library's default variant): 19 MiB, two passes, one lane. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** Hashing costs about 15 ms of a core and 19 MiB: two at a time leave the other cores to the messages. */
const CONCURRENT_HASHES = 2;
/** A second's worth of waiting; beyond that a login is better told to come back. */
const QUEUED_HASHES = 64;
export const MAX_PASSWORD_LENGTH = 128;

export interface PasswordsOptions {
  readonly minLength: number;
  /** Gives up what still waits for its turn. */
  readonly signal: AbortSignal;
}

/** Hashes and checks passwords. They are compared as Unicode NFKC, so that each keyboard's "é" is the same. */
export class Passwords {
  readonly #options: PasswordsOptions;
  readonly #turns = new Semaphore({
    concurrency: CONCURRENT_HASHES,
    queue: QUEUED_HASHES,
    what: "logins and sign-ups",
  });
  #decoy: Promise<string> | undefined;

  constructor(options: PasswordsOptions) {
    this.#options = options;
  }

  /** @throws ValidationError if it is shorter than the minimum or longer than 128 characters. */
  check(password: string): void {
    const { minLength } = this.#options;
    const length = [...normalized(password)].length;
    if (length >= minLength && length <= MAX_PASSWORD_LENGTH) return;
    const message = `a password needs ${minLength} to ${MAX_PASSWORD_LENGTH} characters, not ${length}`;
    throw new ValidationError(message, { issues: [{ message, path: ["password"] }] });
  }

  /** @throws OverloadedError if too many wait. */
  async hash(password: string): Promise<string> {
    return this.#turns.run(() => hash(normalized(password), cost), this.#options.signal);
  }

  /**
   * True if the hash is of that password. Without a hash it does the same work on another and says no: how
   * long it takes does not tell whether there is such an account.
   *
   * @throws OverloadedError if too many wait.
   */
  async matches(passwordHash: string | undefined, password: string): Promise<boolean> {
    const against = passwordHash ?? (await this.#decoyHash());
    const run = (): Promise<boolean> => verify(against, normalized(password));
    const same = await this.#turns.run(run, this.#options.signal);
    return same && passwordHash !== undefined;
  }

  /** Made ahead, so that the first unknown name does not take twice as long. */
  async prepare(): Promise<void> {
    await this.#decoyHash();
  }

  #decoyHash(): Promise<string> {
    this.#decoy ??= hash(randomBytes(32), cost);
    return this.#decoy;
  }
}

function normalized(password: string): string {
  return password.normalize("NFKC");
}

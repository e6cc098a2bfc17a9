import { randomUUID } from "node:crypto";
import { AuthenticationError, type Clock, NetworkError } from "@net/core";
import { addressKey } from "../limits/address-key.ts";
import type { RateLimiter } from "../limits/rate-limiter.ts";
import { type Account, MAX_DEVICES, type Session, type Store, type User } from "../store/store.ts";
import type { Passwords } from "./passwords.ts";
import { hashToken, newToken } from "./tokens.ts";

/** How long a login lasts. */
const SESSION_LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;

export interface AccountsParts {
  readonly store: Store;
  readonly passwords: Passwords;
  /** By address. */
  readonly signups: RateLimiter;
  /** By name and address: a limit by name alone would let any stranger lock a user out. */
  readonly logins: RateLimiter;
  /** By address, for all names together. */
  readonly addresses: RateLimiter;
  readonly clock: Clock;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** What a login gives. The token is shown this once; the server keeps its hash. */
export interface Login extends Omit<Session, "id"> {
  readonly token: string;
}

/** Signing up, logging in and out, and knowing who is who afterwards. */
export class Accounts {
  readonly #parts: AccountsParts;

  constructor(parts: AccountsParts) {
    this.#parts = parts;
  }

  /**
   * @param ip the client's address, for limiting.
   * @throws ValidationError if the password is too short or long; NetworkError `CONFLICT` if the username is
   * taken; RateLimitError; OverloadedError.
   */
  async signup({ username, password }: Credentials, ip: string): Promise<User> {
    const { store, passwords, signups, clock } = this.#parts;
    signups.take(addressKey(ip));
    passwords.check(password);
    const id = randomUUID();
    const passwordHash = await passwords.hash(password);
    const account = { id, username, passwordHash, createdAtMs: clock.nowMs(), isTest: false };
    if (await store.accounts.add(account)) return { id, username };
    throw new NetworkError("CONFLICT", `the username ${username} is taken`);
  }

  /**
   * @param ip the client's address, for limiting.
   * @throws AuthenticationError, the same for an unknown name and a wrong password; NetworkError `CONFLICT` if the
   * user has too many devices; RateLimitError; OverloadedError.
   */
  async login(credentials: Credentials & { readonly device: string }, ip: string): Promise<Login> {
    const { username, password, device } = credentials;
    this.#limitLogins(username, ip);
    const account = await this.#parts.store.accounts.find(username);
    const matches = await this.#parts.passwords.matches(account?.passwordHash, password);
    if (!account || !matches) throw new AuthenticationError("wrong username or password");
    return this.#openSession(account, device);
  }

  /** @throws AuthenticationError if the token is unknown, expired or logged out. */
  async authenticate(token: string): Promise<Session> {
    const { store, clock } = this.#parts;
    const session = await store.sessions.find(hashToken(token), clock.nowMs());
    if (session) return session;
    throw new AuthenticationError("this session has ended: log in again");
  }

  async logout(session: Session): Promise<void> {
    await this.#parts.store.sessions.end(session.id);
  }

  #limitLogins(username: string, ip: string): void {
    const { logins, addresses } = this.#parts;
    const address = addressKey(ip);
    logins.take(`${address} ${username}`);
    addresses.take(address);
  }

  async #openSession(account: Account, deviceName: string): Promise<Login> {
    const { store, clock } = this.#parts;
    const nowMs = clock.nowMs();
    const token = newToken();
    const expiresAtMs = nowMs + SESSION_LIFETIME_MS;
    const device = await store.sessions.open({
      id: randomUUID(),
      tokenHash: hashToken(token),
      userId: account.id,
      deviceName,
      newDeviceId: randomUUID(),
      nowMs,
      expiresAtMs,
    });
    if (!device) throw tooManyDevices(account.username);
    return { token, user: { id: account.id, username: account.username }, device, expiresAtMs };
  }
}

function tooManyDevices(username: string): NetworkError {
  return new NetworkError(
    "CONFLICT",
    `${username} has ${MAX_DEVICES} devices already: log in with the name of one of them`,
  );
}

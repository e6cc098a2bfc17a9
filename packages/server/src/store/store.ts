import type { Agent } from "../agents/agent.ts";
import type { InboxRow, NewMessage } from "../messages/message.ts";

// What the server keeps, in its own words. Every method is one transaction, and is durable once it resolves.

/** Everything the server keeps. */
export interface Store extends AsyncDisposable {
  readonly accounts: AccountStore;
  readonly sessions: SessionStore;
  readonly friends: FriendStore;
  readonly agents: AgentStore;
  readonly messages: MessageStore;
  /** Lets go of the database; calls after it reject with `ClosedError`. Closing twice is once. */
  close(): Promise<void>;
}

/** A person with an account, as others see them. */
export interface User {
  readonly id: string;
  readonly username: string;
}

export interface Account extends User {
  readonly passwordHash: string;
}

export interface NewAccount extends Account {
  readonly createdAtMs: number;
  /** One of the accounts with a published password, see the option `testUsers`. */
  readonly isTest: boolean;
}

export interface AccountStore {
  /** False if the username is taken. */
  add(account: NewAccount): Promise<boolean>;
  find(username: string): Promise<Account | undefined>;
  hasTestUsers(): Promise<boolean>;
}

/** One of a user's places to read messages, named when logging in. Each has a cursor of its own. */
export interface Device {
  readonly id: string;
  readonly name: string;
}

/** A login that has neither expired nor been ended. */
export interface Session {
  readonly id: string;
  readonly user: User;
  readonly device: Device;
  readonly expiresAtMs: number;
}

export interface NewSession {
  readonly id: string;
  /** The token itself is never stored. */
  readonly tokenHash: Uint8Array;
  readonly userId: string;
  readonly deviceName: string;
  /** The id of the device, should there be none of that name yet. */
  readonly newDeviceId: string;
  readonly nowMs: number;
  readonly expiresAtMs: number;
}

export interface SessionStore {
  /**
   * Makes the session, and its device if that name is new; forgets the user's expired sessions. A new device
   * starts with the messages that no other device has acknowledged.
   *
   * @returns the device; undefined if the user has {@link MAX_DEVICES} others already.
   */
  open(session: NewSession): Promise<Device | undefined>;
  find(tokenHash: Uint8Array, nowMs: number): Promise<Session | undefined>;
  end(sessionId: string): Promise<void>;
}

/** What became of a friend request: it waits, they are friends (already, or because both asked), or there are too many. */
export type FriendRequestOutcome = "requested" | "accepted" | "too-many";

export interface FriendStore {
  /** By username. */
  list(userId: string): Promise<readonly User[]>;
  /** Who asked this user and waits for the answer; the first {@link MAX_LISTED_REQUESTS} by username. */
  requests(userId: string): Promise<readonly User[]>;
  areFriends(userId: string, otherId: string): Promise<boolean>;
  request(fromId: string, toId: string): Promise<FriendRequestOutcome>;
  /** True if they are friends now; false if `otherId` has not asked. */
  accept(userId: string, otherId: string): Promise<boolean>;
}

export interface AgentStore {
  /** In the order they were registered. */
  list(userId: string): Promise<readonly Agent[]>;
  has(userId: string, name: string): Promise<boolean>;
  replace(userId: string, agents: readonly Agent[]): Promise<void>;
}

/**
 * What became of a message: `stored` with the recipient's next number, `repeated` if the same one was stored
 * before, `conflict` if another with this id was, `full` if the recipient has {@link MAX_UNREAD} unread.
 */
export type AddOutcome =
  | { readonly kind: "stored" | "repeated"; readonly sentAtMs: number }
  | { readonly kind: "conflict" | "full" };

export interface MessageStore {
  /** Writes the message and the recipient's inbox row, or neither. */
  add(message: NewMessage): Promise<AddOutcome>;
  /** The rows after `seq`, in order and without a gap. */
  after(userId: string, seq: number, limit: number): Promise<readonly InboxRow[]>;
  /**
   * Moves the device's cursor forward, never back and never past the last row.
   *
   * @returns where it is now.
   */
  acknowledge(deviceId: string, seq: number): Promise<number>;
}

/** Names a user may give to devices: enough for anyone's, too few to fill a disk with. */
export const MAX_DEVICES = 32;
/** Requests one user may have waiting at others: no one asks this many strangers in good faith. */
export const MAX_OPEN_REQUESTS = 100;
/** Requests shown at once; answering some shows the rest. */
export const MAX_LISTED_REQUESTS = 200;
/** Messages that wait while none of the user's devices reads. More are refused, so that a friend cannot fill the disk. */
export const MAX_UNREAD = 10_000;

import type { OutgoingMessage, Receipt, Received } from "./messages.ts";

/** A person with an account. */
export interface User {
  readonly id: string;
  readonly username: string;
}

/** An agent of a user, as friends see it. */
export interface Agent {
  /** What messages are addressed to. Up to 64 of `A–Z a–z 0–9 . - _`. */
  readonly name: string;
  readonly description: string;
  /** What kind it is, in its user's words: `assistant`, `coder`, … */
  readonly type: string;
}

/** Who is logged in, on which device. The token stays inside the client. */
export interface Login {
  readonly user: User;
  readonly device: string;
  readonly expiresAtMs: number;
}

export interface CallOptions {
  /** Gives up; the call rejects with `AbortedError`. */
  readonly signal?: AbortSignal | undefined;
}

export interface LoginOptions extends CallOptions {
  /**
   * Each device has its own place in the inbox, and one connection at a time. Default: the device named
   * `default`. Two programs that both want all messages need two names.
   */
  readonly device?: string | undefined;
}

/**
 * All that a network of users and their agents does, whoever carries it: {@link WebSocketNetworkClient} talks to a
 * server, a test may have its own. Every call rejects with errors of the `NetworkError` family.
 */
export interface NetworkInterface extends AsyncDisposable {
  /** Makes an account; log in afterwards. @throws NetworkError `CONFLICT` if the username is taken. */
  signup(username: string, password: string, options?: CallOptions): Promise<User>;
  /** @throws AuthenticationError for a wrong name or password; RateLimitError after too many tries. */
  login(username: string, password: string, options?: LoginOptions): Promise<Login>;
  /** Ends the session, here and at the server. Nothing happens if there is none. */
  logout(options?: CallOptions): Promise<void>;

  getFriends(options?: CallOptions): Promise<readonly User[]>;
  /** Who asked to become a friend and waits for the answer. */
  getFriendRequests(options?: CallOptions): Promise<readonly User[]>;
  /** Resolves with `accepted` if they are friends now. @throws NetworkError `NOT_FOUND` */
  sendFriendRequest(username: string, options?: CallOptions): Promise<"requested" | "accepted">;
  /** @throws NetworkError `NOT_FOUND` if no request of that user waits. */
  acceptFriendRequest(username: string, options?: CallOptions): Promise<User>;

  /** The agents of a friend, or one's own. @throws NetworkError `NOT_FOUND` for anybody else. */
  getAgents(friendId: string, options?: CallOptions): Promise<readonly Agent[]>;
  /** Replaces the list of one's own agents. */
  registerAgents(agents: readonly Agent[], options?: CallOptions): Promise<void>;

  /**
   * Resolves once the message is stored for its recipient. Trying again after a failure is safe with the same `id`.
   *
   * @throws NetworkError `NOT_FOUND` if the recipient is no friend or has no such agent; `CONFLICT` if the id was
   * used for another message.
   */
  sendMessage(message: OutgoingMessage, options?: CallOptions): Promise<Receipt>;
  /**
   * Messages of this login's inbox: those that waited, then those that come, across reconnections. Ends when the
   * loop breaks, or after `logout` or `close`. One loop at a time.
   *
   * @throws AuthenticationError when the session has ended; ClosedError when the device connected elsewhere;
   * AbortedError; NetworkError `INVALID_STATE` for a second loop.
   */
  messages(options?: CallOptions): AsyncIterable<Received>;

  /** Ends everything that is open here, without logging out. Closing twice is once. */
  close(): Promise<void>;
}

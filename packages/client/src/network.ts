import { newMessageId } from "./message-id.ts";
import type { OutgoingMessage, Receipt, Received, TextMessage } from "./messages.ts";
import type {
  Agent,
  CallOptions,
  Login,
  LoginOptions,
  NetworkInterface,
  User,
} from "./network-interface.ts";

export interface MessagesOptions extends CallOptions {
  /**
   * `after-body` (default): each message is acknowledged when the loop asks for the next one; one during which it
   * breaks or throws comes again. `manual`: only your calls of `ack()` count.
   */
  readonly acknowledge?: "after-body" | "manual" | undefined;
}

/**
 * The same network for whoever uses it, over whichever implementation: swap the implementation, keep the code.
 *
 * @example
 * ```ts
 * const network = new Network(new WebSocketNetworkClient({ baseUrl: "https://net.example.org" }));
 * ```
 */
export class Network implements NetworkInterface {
  readonly #carrier: NetworkInterface;

  constructor(carrier: NetworkInterface) {
    this.#carrier = carrier;
  }

  signup(username: string, password: string, options?: CallOptions): Promise<User> {
    return this.#carrier.signup(username, password, options);
  }

  login(username: string, password: string, options?: LoginOptions): Promise<Login> {
    return this.#carrier.login(username, password, options);
  }

  logout(options?: CallOptions): Promise<void> {
    return this.#carrier.logout(options);
  }

  getFriends(options?: CallOptions): Promise<readonly User[]> {
    return this.#carrier.getFriends(options);
  }

  getFriendRequests(options?: CallOptions): Promise<readonly User[]> {
    return this.#carrier.getFriendRequests(options);
  }

  sendFriendRequest(username: string, options?: CallOptions): Promise<"requested" | "accepted"> {
    return this.#carrier.sendFriendRequest(username, options);
  }

  acceptFriendRequest(username: string, options?: CallOptions): Promise<User> {
    return this.#carrier.acceptFriendRequest(username, options);
  }

  getAgents(friendId: string, options?: CallOptions): Promise<readonly Agent[]> {
    return this.#carrier.getAgents(friendId, options);
  }

  registerAgents(agents: readonly Agent[], options?: CallOptions): Promise<void> {
    return this.#carrier.registerAgents(agents, options);
  }

  sendMessage(message: OutgoingMessage, options?: CallOptions): Promise<Receipt> {
    return this.#carrier.sendMessage(message, options);
  }

  /** {@link NetworkInterface.sendMessage} for a text, with a new id and the type `INFORMATION` unless given. */
  sendTextMessage(message: TextMessage, options?: CallOptions): Promise<Receipt> {
    const { id = newMessageId(), type = "INFORMATION", ...rest } = message;
    return this.sendMessage({ id, type, ...rest }, options);
  }

  /** {@link NetworkInterface.messages}, each acknowledged once the loop's body is done with it. */
  async *messages(options: MessagesOptions = {}): AsyncGenerator<Received, void, undefined> {
    const { acknowledge = "after-body", ...rest } = options;
    for await (const message of this.#carrier.messages(rest)) {
      yield message;
      if (acknowledge === "after-body") await message.ack();
    }
  }

  close(): Promise<void> {
    return this.#carrier.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

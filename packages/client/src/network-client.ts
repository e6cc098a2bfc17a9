import { Network } from "./network.ts";
import {
  WebSocketNetworkClient,
  type WebSocketNetworkClientOptions,
} from "./websocket-network-client.ts";

export interface NetworkClientOptions extends Omit<WebSocketNetworkClientOptions, "baseUrl"> {
  /** Default `http://127.0.0.1:8000`, where a server listens unless told otherwise. */
  readonly baseUrl?: string | URL | undefined;
}

/**
 * The shortest way to a server: log in, see friends and their agents, send and read messages.
 *
 * @example
 * ```ts
 * await using client = new NetworkClient();
 * await client.login("alice", "password123");
 * const [friend] = await client.getFriends();
 * await client.sendTextMessage({ recipientId: friend.id, recipientAgent: "assistant", text: "Hello!" });
 * for await (const message of client.messages()) console.log(message.text);
 * ```
 */
export class NetworkClient extends Network {
  /** @throws ValidationError if a URL is not one of the kind it must be. */
  constructor({ baseUrl = "http://127.0.0.1:8000", ...options }: NetworkClientOptions = {}) {
    super(new WebSocketNetworkClient({ baseUrl, ...options }));
  }
}

import { NetworkClient } from "@net/client";
import { NetworkError } from "@net/core";
import type { Credentials, Received } from "./methods.ts";

/** Every user of the tour has one agent. */
const agent = { name: "assistant", description: "takes part in the tour", type: "assistant" };

/** The agent's account on the server: one user, logged in or not. */
export class Account {
  #client: NetworkClient | undefined;

  async signUp({ url, username, password }: Credentials): Promise<void> {
    this.#client = new NetworkClient({ baseUrl: url });
    await this.#client.signup(username, password);
    await this.#client.login(username, password);
    await this.#client.registerAgents([agent]);
  }

  async logIn({ url, username, password }: Credentials): Promise<void> {
    this.#client = new NetworkClient({ baseUrl: url });
    await this.#client.login(username, password);
  }

  async logOut(): Promise<void> {
    await this.#loggedIn().logout();
    this.#client = undefined;
  }

  async befriend(username: string): Promise<void> {
    await this.#loggedIn().sendFriendRequest(username);
  }

  async acceptFriend(username: string): Promise<void> {
    await this.#loggedIn().acceptFriendRequest(username);
  }

  async sendText(to: string, text: string): Promise<void> {
    const client = this.#loggedIn();
    const friend = (await client.getFriends()).find(({ username }) => username === to);
    if (!friend) throw new NetworkError("NOT_FOUND", `${to} is no friend`);
    await client.sendTextMessage({
      recipientId: friend.id,
      recipientAgent: agent.name,
      senderAgent: agent.name,
      text,
    });
  }

  async nextMessage(): Promise<Received> {
    for await (const message of this.#loggedIn().messages()) {
      await message.ack();
      return {
        from: message.from.username,
        text: message.text,
        seq: message.seq,
        sentAtMs: message.sentAtMs,
        receivedAtMs: Date.now(),
      };
    }
    throw new NetworkError("CLOSED", "the connection to the server ended before a message came");
  }

  #loggedIn(): NetworkClient {
    if (!this.#client) throw new NetworkError("INVALID_STATE", "not logged in");
    return this.#client;
  }
}

import { ValidationError } from "@net/core";
import type { Friends } from "../friends/friends.ts";
import type { Store, User } from "../store/store.ts";
import type { Agent } from "./agent.ts";

/** Which agents a user has, for that user's friends to write to. */
export class Agents {
  readonly #store: Store;
  readonly #friends: Friends;

  constructor(store: Store, friends: Friends) {
    this.#store = store;
    this.#friends = friends;
  }

  /** @throws NetworkError `NOT_FOUND` unless `ownerId` is a friend's or the user's own. */
  async list(user: User, ownerId: string): Promise<readonly Agent[]> {
    if (ownerId !== user.id) await this.#friends.require(user, ownerId);
    return this.#store.agents.list(ownerId);
  }

  /** Replaces the user's whole list. @throws ValidationError if two have the same name. */
  async register(user: User, agents: readonly Agent[]): Promise<void> {
    const names = agents.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new ValidationError(`two of the agents are named ${twice}`);
    await this.#store.agents.replace(user.id, agents);
  }
}

import { NetworkError, OverloadedError, ValidationError } from "@net/core";
import { MAX_OPEN_REQUESTS, type Store, type User } from "../store/store.ts";

/** Who may write to whom: both have to want it. */
export class Friends {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The user's friends, and who asked to become one. */
  async list(user: User): Promise<{ friends: readonly User[]; requests: readonly User[] }> {
    const { friends } = this.#store;
    return { friends: await friends.list(user.id), requests: await friends.requests(user.id) };
  }

  /**
   * Asks; asking again changes nothing. If the other one has asked already, they are friends.
   *
   * @throws NetworkError `NOT_FOUND` if there is no such user; ValidationError for oneself; OverloadedError if
   * too many requests of this user wait.
   */
  async request(user: User, username: string): Promise<"requested" | "accepted"> {
    const other = await this.#store.accounts.find(username);
    if (!other) throw new NetworkError("NOT_FOUND", `there is no user named ${username}`);
    if (other.id === user.id) throw new ValidationError("you cannot befriend yourself");
    const outcome = await this.#store.friends.request(user.id, other.id);
    if (outcome !== "too-many") return outcome;
    throw new OverloadedError(`${MAX_OPEN_REQUESTS} of your friend requests wait for an answer`);
  }

  /**
   * Says yes; saying it again changes nothing.
   *
   * @throws NetworkError `NOT_FOUND` if no request of that user waits, whether or not there is such a user.
   */
  async accept(user: User, username: string): Promise<User> {
    const other = await this.#store.accounts.find(username);
    if (other && (await this.#store.friends.accept(user.id, other.id))) {
      return { id: other.id, username: other.username };
    }
    throw new NetworkError("NOT_FOUND", `no friend request from ${username} waits for you`);
  }

  /** @throws NetworkError `NOT_FOUND`, the same for a stranger and for nobody. */
  async require(user: User, friendId: string): Promise<void> {
    if (await this.#store.friends.areFriends(user.id, friendId)) return;
    throw new NetworkError("NOT_FOUND", "you have no friend with that id");
  }
}

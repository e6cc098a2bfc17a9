import {
  type FriendRequestOutcome,
  type FriendStore,
  MAX_LISTED_REQUESTS,
  MAX_OPEN_REQUESTS,
  type User,
} from "../store.ts";
import type { Database, Statement } from "./database.ts";

interface Friendship {
  readonly requestedBy: string;
  readonly accepted: number;
}

export class SqliteFriends implements FriendStore {
  readonly #database: Database;
  readonly #friends: Statement<User>;
  readonly #requests: Statement<User>;
  readonly #pair: Statement<Friendship>;
  readonly #countOpen: Statement<{ open: number }>;
  readonly #insert: Statement<object>;
  readonly #accept: Statement<object>;

  constructor(database: Database) {
    this.#database = database;
    this.#friends = database.prepare(
      `SELECT u.id, u.username FROM friendships f JOIN users u ON u.id = f.high_id
         WHERE f.low_id = ?1 AND f.accepted = 1
       UNION ALL
       SELECT u.id, u.username FROM friendships f JOIN users u ON u.id = f.low_id
         WHERE f.high_id = ?1 AND f.accepted = 1
       ORDER BY username`,
    );
    this.#requests = database.prepare(
      `SELECT u.id, u.username FROM friendships f JOIN users u ON u.id = f.requested_by
         WHERE (f.low_id = ?1 OR f.high_id = ?1) AND f.requested_by <> ?1 AND f.accepted = 0
       ORDER BY username LIMIT ${MAX_LISTED_REQUESTS}`,
    );
    this.#pair = database.prepare(
      `SELECT requested_by AS requestedBy, accepted FROM friendships WHERE low_id = ? AND high_id = ?`,
    );
    this.#countOpen = database.prepare(
      `SELECT count(*) AS open FROM friendships WHERE requested_by = ? AND accepted = 0`,
    );
    this.#insert = database.prepare(
      `INSERT INTO friendships (low_id, high_id, requested_by, accepted) VALUES (?, ?, ?, 0)`,
    );
    this.#accept = database.prepare(
      `UPDATE friendships SET accepted = 1 WHERE low_id = ? AND high_id = ?`,
    );
  }

  async list(userId: string): Promise<readonly User[]> {
    return this.#friends.all(userId);
  }

  async requests(userId: string): Promise<readonly User[]> {
    return this.#requests.all(userId);
  }

  async areFriends(userId: string, otherId: string): Promise<boolean> {
    return this.#pair.get(...inOrder(userId, otherId))?.accepted === 1;
  }

  async request(fromId: string, toId: string): Promise<FriendRequestOutcome> {
    const pair = inOrder(fromId, toId);
    return this.#database.transaction(() => {
      const friendship = this.#pair.get(...pair);
      if (friendship?.accepted === 1) return "accepted";
      if (friendship?.requestedBy === fromId) return "requested";
      if (friendship) {
        this.#accept.run(...pair);
        return "accepted";
      }
      if ((this.#countOpen.get(fromId)?.open ?? 0) >= MAX_OPEN_REQUESTS) return "too-many";
      this.#insert.run(...pair, fromId);
      return "requested";
    });
  }

  async accept(userId: string, otherId: string): Promise<boolean> {
    const pair = inOrder(userId, otherId);
    return this.#database.transaction(() => {
      const friendship = this.#pair.get(...pair);
      if (friendship?.accepted === 1) return true;
      if (friendship?.requestedBy !== otherId) return false;
      this.#accept.run(...pair);
      return true;
    });
  }
}

/** How a pair is stored: SQLite compares text by bytes, and so does `<` on the ASCII of our ids. */
function inOrder(a: string, b: string): readonly [low: string, high: string] {
  return a < b ? [a, b] : [b, a];
}

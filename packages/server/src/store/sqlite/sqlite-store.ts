import type {
  AccountStore,
  AgentStore,
  FriendStore,
  MessageStore,
  SessionStore,
  Store,
} from "../store.ts";
import { SqliteAccounts } from "./accounts.ts";
import { SqliteAgents } from "./agents.ts";
import { Database } from "./database.ts";
import { SqliteFriends } from "./friends.ts";
import { SqliteMessages } from "./messages.ts";
import { migrate } from "./schema.ts";
import { SqliteSessions } from "./sessions.ts";

/** The store in one SQLite file, or in memory (`:memory:`). Only one process at a time can have the file open. */
export class SqliteStore implements Store {
  readonly accounts: AccountStore;
  readonly sessions: SessionStore;
  readonly friends: FriendStore;
  readonly agents: AgentStore;
  readonly messages: MessageStore;
  readonly #database: Database;

  /** @throws NetworkError `INVALID_STATE` if the file cannot be used; the message says why. */
  constructor(path: string) {
    const database = new Database(path);
    try {
      migrate(database);
      this.accounts = new SqliteAccounts(database);
      this.sessions = new SqliteSessions(database);
      this.friends = new SqliteFriends(database);
      this.agents = new SqliteAgents(database);
      this.messages = new SqliteMessages(database);
    } catch (error) {
      database[Symbol.dispose]();
      throw error;
    }
    this.#database = database;
  }

  async close(): Promise<void> {
    this.#database[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

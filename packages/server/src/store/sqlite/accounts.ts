import type { Account, AccountStore, NewAccount } from "../store.ts";
import type { Database, Statement } from "./database.ts";

export class SqliteAccounts implements AccountStore {
  readonly #insert: Statement<object>;
  readonly #byUsername: Statement<Account>;
  readonly #anyTest: Statement<object>;

  constructor(database: Database) {
    this.#insert = database.prepare(
      `INSERT INTO users (id, username, password_hash, is_test, created_at_ms) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (username) DO NOTHING`,
    );
    this.#byUsername = database.prepare(
      `SELECT id, username, password_hash AS passwordHash FROM users WHERE username = ?`,
    );
    this.#anyTest = database.prepare(`SELECT 1 FROM users WHERE is_test = 1 LIMIT 1`);
  }

  async add({ id, username, passwordHash, isTest, createdAtMs }: NewAccount): Promise<boolean> {
    return this.#insert.run(id, username, passwordHash, Number(isTest), createdAtMs) === 1;
  }

  async find(username: string): Promise<Account | undefined> {
    return this.#byUsername.get(username);
  }

  async hasTestUsers(): Promise<boolean> {
    return this.#anyTest.get() !== undefined;
  }
}

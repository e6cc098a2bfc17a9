import type { Agent } from "../../agents/agent.ts";
import type { AgentStore } from "../store.ts";
import type { Database, Statement } from "./database.ts";

export class SqliteAgents implements AgentStore {
  readonly #database: Database;
  readonly #ofUser: Statement<Agent>;
  readonly #named: Statement<object>;
  readonly #deleteAll: Statement<object>;
  readonly #insert: Statement<object>;

  constructor(database: Database) {
    this.#database = database;
    this.#ofUser = database.prepare(
      `SELECT name, description, type FROM agents WHERE user_id = ? ORDER BY position`,
    );
    this.#named = database.prepare(`SELECT 1 FROM agents WHERE user_id = ? AND name = ?`);
    this.#deleteAll = database.prepare(`DELETE FROM agents WHERE user_id = ?`);
    this.#insert = database.prepare(
      `INSERT INTO agents (user_id, position, name, description, type) VALUES (?, ?, ?, ?, ?)`,
    );
  }

  async list(userId: string): Promise<readonly Agent[]> {
    return this.#ofUser.all(userId);
  }

  async has(userId: string, name: string): Promise<boolean> {
    return this.#named.get(userId, name) !== undefined;
  }

  async replace(userId: string, agents: readonly Agent[]): Promise<void> {
    this.#database.transaction(() => {
      this.#deleteAll.run(userId);
      for (const [position, { name, description, type }] of agents.entries()) {
        this.#insert.run(userId, position, name, description, type);
      }
    });
  }
}

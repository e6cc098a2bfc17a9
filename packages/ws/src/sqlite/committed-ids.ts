import { REMEMBERED_IDS } from "../session/store/store.ts";
import type { Statements } from "./statements.ts";

/** The ids by which a session's committed messages are known again: the last of them, in the order they were committed. */
export class CommittedIds {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  known(session: string, ids: readonly string[]): ReadonlySet<string> {
    const found = this.#sql.all<{ id: string }>(
      "SELECT id FROM net_session_committed WHERE session = ? AND id IN (SELECT value FROM json_each(?))",
      session,
      JSON.stringify(ids),
    );
    return new Set(found.map(({ id }) => id));
  }

  /** @param committed how many the session had before. @returns how many it has now. */
  remember(session: string, ids: readonly string[], committed: number): number {
    let number = committed;
    for (const id of ids) {
      this.#sql.run(
        `INSERT INTO net_session_committed VALUES (?, ?, ?)
           ON CONFLICT (session, id) DO UPDATE SET number = excluded.number`,
        session,
        id,
        ++number,
      );
    }
    this.#sql.run(
      "DELETE FROM net_session_committed WHERE session = ? AND number <= ?",
      session,
      number - REMEMBERED_IDS,
    );
    return number;
  }

  forget(session: string): void {
    this.#sql.run("DELETE FROM net_session_committed WHERE session = ?", session);
  }
}

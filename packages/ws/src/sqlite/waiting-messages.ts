import type { NewMessage, OfferLimit } from "../session/store/store.ts";
import type { Statements } from "./statements.ts";

/** A message as it lies there, by a number that no new epoch changes. */
export interface NumberedMessage extends NewMessage {
  readonly number: number;
}

/** The table of messages that wait for the other end. */
export class WaitingMessages {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  /** Adds those that do not wait already, after the number `last`. @returns the last one's number. */
  add(session: string, last: number, messages: readonly NewMessage[]): number {
    let number = last;
    for (const { id, body, bytes } of messages) {
      number += this.#sql.run(
        "INSERT INTO net_session_waiting VALUES (?, ?, ?, ?, ?) ON CONFLICT (session, id) DO NOTHING",
        session,
        number + 1,
        id,
        body,
        bytes,
      );
    }
    return number;
  }

  /** Those after that number, as many as fit; one at least. */
  after(session: string, number: number, limit: OfferLimit): NumberedMessage[] {
    const rows = this.#sql.all<NumberedMessage>(
      `SELECT number, id, body, bytes FROM net_session_waiting
         WHERE session = ? AND number > ? ORDER BY number LIMIT ?`,
      session,
      number,
      limit.messages,
    );
    let bytes = 0;
    const end = rows.findIndex((row, index) => {
      bytes += row.bytes;
      return index > 0 && bytes > limit.bytes;
    });
    return end === -1 ? rows : rows.slice(0, end);
  }

  /** @returns their ids. */
  removeUpTo(session: string, number: number): string[] {
    const gone = this.#sql.all<{ id: string }>(
      "DELETE FROM net_session_waiting WHERE session = ? AND number <= ? RETURNING id",
      session,
      number,
    );
    return gone.map(({ id }) => id);
  }

  removeAll(session: string): void {
    this.#sql.run("DELETE FROM net_session_waiting WHERE session = ?", session);
  }
}

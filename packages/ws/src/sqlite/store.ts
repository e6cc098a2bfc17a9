import type { DatabaseSync } from "node:sqlite";
import { ValidationError } from "@net/core";
import { isNext, staleEpoch, tooMany } from "../session/store/conditions.ts";
import type {
  NewMessage,
  OfferLimit,
  Progress,
  SessionStore,
  StoredSession,
  WaitingMessage,
} from "../session/store/store.ts";
import { CommittedIds } from "./committed-ids.ts";
import { openDatabase } from "./open.ts";
import { type Row, stored } from "./session-row.ts";
import { Statements } from "./statements.ts";
import { Turns } from "./turns.ts";
import { WaitingMessages } from "./waiting-messages.ts";

export interface SqliteSessionStoreOptions {
  /**
   * The file, which is made if there is none; or an open database, so that a delivery's effects go into its own tables
   * in the transaction of its commit. It is closed with the store only if the store opened it.
   */
  readonly database: string | DatabaseSync;
}

/** Sessions in an SQLite database. What it has taken survives the process and a power cut. */
export interface SqliteSessionStore extends SessionStore<DatabaseSync>, AsyncDisposable {
  readonly database: DatabaseSync;
  /** Finishes what was asked of it. Closing twice is once. */
  close(): Promise<void>;
}

/**
 * Keeps sessions in SQLite: write-ahead log, `synchronous = FULL`, tables that begin with `net_session`. One process at a
 * time may keep a given session.
 *
 * The effects of a `commit` must be synchronous: they are part of a transaction that others' work shares.
 *
 * @throws NetworkError `INVALID_STATE` if the database cannot be opened or written.
 */
export function sqliteSessionStore(options: SqliteSessionStoreOptions): SqliteSessionStore {
  return new Store(options);
}

class Store implements SqliteSessionStore {
  readonly database: DatabaseSync;
  readonly #isOurs: boolean;
  readonly #turns: Turns;
  readonly #sql: Statements;
  readonly #ids: CommittedIds;
  readonly #waiting: WaitingMessages;

  constructor({ database }: SqliteSessionStoreOptions) {
    this.#isOurs = typeof database === "string";
    this.database = openDatabase(database);
    this.#turns = new Turns(this.database);
    this.#sql = new Statements(this.database);
    this.#ids = new CommittedIds(this.#sql);
    this.#waiting = new WaitingMessages(this.#sql);
  }

  load(session: string): Promise<StoredSession | undefined> {
    return this.#turns.run(() => {
      const row = this.#row(session);
      return row && stored(row);
    });
  }

  reset(session: string, epoch: string): Promise<StoredSession> {
    return this.#turns.run(() => {
      this.#create(session);
      this.#sql.run(
        `UPDATE net_session SET epoch = ?, cursor = 0, acked = 0, head = head - acked, base = base + acked,
           offered = max(0, offered - acked) WHERE id = ?`,
        epoch,
        session,
      );
      return stored(this.#row(session) as Row);
    });
  }

  append(session: string, messages: readonly NewMessage[], maxWaiting: number): Promise<void> {
    return this.#turns.run(() => {
      this.#create(session);
      const { head, acked, base } = this.#row(session) as Row;
      const last = this.#waiting.add(session, base + head, messages) - base;
      if (last - acked > maxWaiting && last > head) throw tooMany(maxWaiting);
      this.#sql.run("UPDATE net_session SET head = ? WHERE id = ?", last, session);
    });
  }

  offer(
    session: string,
    epoch: string,
    after: number,
    limit: OfferLimit,
  ): Promise<readonly WaitingMessage[]> {
    return this.#turns.run(() => {
      const { base, offered } = this.#inEpoch(session, epoch);
      const offer = this.#waiting
        .after(session, base + after, limit)
        .map(({ number, ...message }) => {
          const seq = number - base;
          return { ...message, seq, redelivered: seq <= offered };
        });
      const last = offer.at(-1)?.seq ?? 0;
      if (last > offered) {
        this.#sql.run("UPDATE net_session SET offered = ? WHERE id = ?", last, session);
      }
      return offer;
    });
  }

  acknowledge(session: string, epoch: string, seq: number): Promise<readonly string[]> {
    return this.#turns.runForgettably(() => {
      const { base, acked, head } = this.#inEpoch(session, epoch);
      const upTo = Math.min(seq, head);
      if (upTo <= acked) return [];
      const gone = this.#waiting.removeUpTo(session, base + upTo);
      this.#sql.run("UPDATE net_session SET acked = ? WHERE id = ?", upTo, session);
      return gone;
    });
  }

  committed(session: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    return this.#turns.run(() => this.#ids.known(session, ids));
  }

  commit(
    session: string,
    progress: Progress,
    effects?: (tx: DatabaseSync) => void | PromiseLike<void>,
  ): Promise<boolean> {
    return this.#turns.run(() => {
      const { cursor, committed } = this.#inEpoch(session, progress.epoch);
      if (!isNext(cursor, progress)) return false;
      if (isThenable(effects?.(this.database))) {
        throw new ValidationError("the effects of a commit must be synchronous with this store");
      }
      this.#advance(session, progress, committed);
      return true;
    });
  }

  delete(session: string): Promise<void> {
    return this.#turns.run(() => {
      this.#sql.run("DELETE FROM net_session WHERE id = ?", session);
      this.#waiting.removeAll(session);
      this.#ids.forget(session);
    });
  }

  async close(): Promise<void> {
    this.#turns.close();
    if (!this.database.isOpen) return;
    if (this.#isOurs) this.database.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #advance(session: string, { seq, ids }: Progress, committed: number): void {
    const number = this.#ids.remember(session, ids, committed);
    this.#sql.run(
      "UPDATE net_session SET cursor = ?, committed = ? WHERE id = ?",
      seq,
      number,
      session,
    );
  }

  #create(session: string): void {
    this.#sql.run("INSERT INTO net_session (id) VALUES (?) ON CONFLICT DO NOTHING", session);
  }

  #row(session: string): Row | undefined {
    return this.#sql.all<Row>("SELECT * FROM net_session WHERE id = ?", session)[0];
  }

  #inEpoch(session: string, epoch: string): Row {
    const row = this.#row(session);
    if (row?.epoch === epoch) return row;
    throw staleEpoch(session);
  }
}

function isThenable(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { NetworkError, ValidationError } from "@net/core";
import { isNext, staleEpoch, tooMany } from "../session/store/conditions.ts";
import {
  type NewMessage,
  type OfferLimit,
  type Progress,
  REMEMBERED_IDS,
  type SessionStore,
  type StoredSession,
  type WaitingMessage,
} from "../session/store/store.ts";
import { schema } from "./schema.ts";
import { databaseError, Turns } from "./turns.ts";

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

interface Row {
  readonly epoch: string;
  readonly cursor: number;
  readonly acked: number;
  readonly offered: number;
  readonly head: number;
  readonly base: number;
  readonly committed: number;
}

/** The log is flushed at each commit; a writer in another process is waited for. */
const settings = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA busy_timeout = 5000;
`;

/** The path of a database that lives in memory and dies with the process. */
const IN_MEMORY = ":memory:";
const OWNER_ONLY = 0o600;

class Store implements SqliteSessionStore {
  readonly database: DatabaseSync;
  readonly #isOurs: boolean;
  readonly #turns: Turns;
  readonly #statements = new Map<string, StatementSync>();

  constructor({ database }: SqliteSessionStoreOptions) {
    this.#isOurs = typeof database === "string";
    this.database = open(database);
    this.#turns = new Turns(this.database);
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
      this.#run(
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
      let last = head;
      for (const { id, body, bytes } of messages) {
        last += this.#run(
          "INSERT INTO net_session_waiting VALUES (?, ?, ?, ?, ?) ON CONFLICT (session, id) DO NOTHING",
          session,
          base + last + 1,
          id,
          body,
          bytes,
        );
      }
      if (last - acked > maxWaiting && last > head) throw tooMany(maxWaiting);
      this.#run("UPDATE net_session SET head = ? WHERE id = ?", last, session);
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
      const offer = this.#waiting(session, base, after, limit).map(({ number, ...message }) => {
        const seq = number - base;
        return { ...message, seq, redelivered: seq <= offered };
      });
      const last = offer.at(-1)?.seq ?? 0;
      if (last > offered) {
        this.#run("UPDATE net_session SET offered = ? WHERE id = ?", last, session);
      }
      return offer;
    });
  }

  acknowledge(session: string, epoch: string, seq: number): Promise<readonly string[]> {
    return this.#turns.run(() => {
      const { base, acked, head } = this.#inEpoch(session, epoch);
      const upTo = Math.min(seq, head);
      if (upTo <= acked) return [];
      const gone = this.#all<{ id: string }>(
        "DELETE FROM net_session_waiting WHERE session = ? AND number <= ? RETURNING id",
        session,
        base + upTo,
      );
      this.#run("UPDATE net_session SET acked = ? WHERE id = ?", upTo, session);
      return gone.map(({ id }) => id);
    });
  }

  committed(session: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    return this.#turns.run(() => {
      const found = this.#all<{ id: string }>(
        "SELECT id FROM net_session_committed WHERE session = ? AND id IN (SELECT value FROM json_each(?))",
        session,
        JSON.stringify(ids),
      );
      return new Set(found.map(({ id }) => id));
    });
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
      this.#run("DELETE FROM net_session WHERE id = ?", session);
      this.#run("DELETE FROM net_session_waiting WHERE session = ?", session);
      this.#run("DELETE FROM net_session_committed WHERE session = ?", session);
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
    let number = committed;
    for (const id of ids) {
      this.#run(
        `INSERT INTO net_session_committed VALUES (?, ?, ?)
           ON CONFLICT (session, id) DO UPDATE SET number = excluded.number`,
        session,
        id,
        ++number,
      );
    }
    this.#run(
      "DELETE FROM net_session_committed WHERE session = ? AND number <= ?",
      session,
      number - REMEMBERED_IDS,
    );
    this.#run(
      "UPDATE net_session SET cursor = ?, committed = ? WHERE id = ?",
      seq,
      number,
      session,
    );
  }

  #waiting(
    session: string,
    base: number,
    after: number,
    limit: OfferLimit,
  ): (NewMessage & { number: number })[] {
    const rows = this.#all<NewMessage & { number: number }>(
      `SELECT number, id, body, bytes FROM net_session_waiting
         WHERE session = ? AND number > ? ORDER BY number LIMIT ?`,
      session,
      base + after,
      limit.messages,
    );
    let bytes = 0;
    const end = rows.findIndex((row, index) => {
      bytes += row.bytes;
      return index > 0 && bytes > limit.bytes;
    });
    return end === -1 ? rows : rows.slice(0, end);
  }

  #create(session: string): void {
    this.#run("INSERT INTO net_session (id) VALUES (?) ON CONFLICT DO NOTHING", session);
  }

  #row(session: string): Row | undefined {
    return this.#all<Row>("SELECT * FROM net_session WHERE id = ?", session)[0];
  }

  #inEpoch(session: string, epoch: string): Row {
    const row = this.#row(session);
    if (row?.epoch === epoch) return row;
    throw staleEpoch(session);
  }

  #run(sql: string, ...values: (string | number)[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  #all<T>(sql: string, ...values: (string | number)[]): T[] {
    return this.#prepare(sql).all(...values) as T[];
  }

  /** Compiled once. */
  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function open(database: string | DatabaseSync): DatabaseSync {
  try {
    const opened = typeof database === "string" ? openFile(database) : database;
    opened.exec(settings);
    opened.exec(schema);
    return opened;
  } catch (cause) {
    const { message } = databaseError(cause);
    throw new NetworkError("INVALID_STATE", `the session store cannot be opened: ${message}`, {
      cause,
    });
  }
}

/** Messages are private: a new file is its owner's. */
function openFile(path: string): DatabaseSync {
  if (path !== IN_MEMORY) closeSync(openSync(path, "a", OWNER_ONLY));
  return new DatabaseSync(path);
}

function stored({ epoch, cursor, acked, head }: Row): StoredSession {
  return { epoch, cursor, acked, head };
}

function isThenable(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

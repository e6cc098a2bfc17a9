import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { ClosedError, NetworkError } from "@net/core";

/** The path of a database that lives in memory and dies with the process. */
const IN_MEMORY = ":memory:";

const OWNER_ONLY = 0o600;

/** Primary result codes of SQLite, https://sqlite.org/rescode.html. */
const SQLITE_BUSY = 5;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

/** A prepared statement; it is compiled once and its rows have the columns that the SQL names. */
export interface Statement<Row> {
  get(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): readonly Row[];
  /** @returns how many rows changed. */
  run(...values: SQLInputValue[]): number;
}

/**
 * An SQLite file that is ours alone. The operating system holds the lock and lets go of it when the process
 * ends, however it ends.
 */
export class Database implements Disposable {
  readonly #sqlite: DatabaseSync;

  /**
   * Opens the file, making it with mode 0600 if there is none.
   *
   * @throws NetworkError `INVALID_STATE` if another process has it open, if it is no database, or cannot be read.
   */
  constructor(path: string) {
    try {
      if (path !== IN_MEMORY) closeSync(openSync(path, "a", OWNER_ONLY));
      this.#sqlite = new DatabaseSync(path);
    } catch (cause) {
      throw cannotOpen(path, cause);
    }
    try {
      this.#sqlite.exec(openingStatements);
    } catch (cause) {
      this.#sqlite.close();
      throw cannotOpen(path, cause);
    }
  }

  exec(sql: string): void {
    attempt(() => this.#sqlite.exec(sql));
  }

  prepare<Row extends object>(sql: string): Statement<Row> {
    const statement: StatementSync = attempt(() => this.#sqlite.prepare(sql));
    return {
      get: (...values) => attempt(() => statement.get(...values)) as Row | undefined,
      all: (...values) => attempt(() => statement.all(...values)) as unknown as readonly Row[],
      run: (...values) => Number(attempt(() => statement.run(...values)).changes),
    };
  }

  /** Commits what `work` did, durably; or none of it, if it throws. */
  transaction<T>(work: () => T): T {
    this.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#sqlite.isTransaction) this.#sqlite.exec("ROLLBACK");
      throw error;
    }
  }

  [Symbol.dispose](): void {
    if (this.#sqlite.isOpen) this.#sqlite.close();
  }
}

/**
 * The exclusive mode must come before the first read of a WAL database, and the empty transaction takes the lock
 * at once. FULL: a commit that was reported survives a power cut.
 */
const openingStatements = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA foreign_keys = ON;
  BEGIN EXCLUSIVE; COMMIT;
`;

function cannotOpen(path: string, cause: unknown): NetworkError {
  const problem = openingProblem(cause);
  return new NetworkError("INVALID_STATE", `cannot open the database ${path}: ${problem}`, {
    cause,
  });
}

function openingProblem(cause: unknown): string {
  const code = primaryCode(cause);
  if (code === SQLITE_BUSY) return "another server has it open";
  if (code === SQLITE_NOTADB) return "the file is no SQLite database";
  return cause instanceof Error ? cause.message : String(cause);
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw databaseError(cause);
  }
}

function databaseError(cause: unknown): NetworkError {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === "ERR_INVALID_STATE") return new ClosedError("the database is closed", { cause });
  if (primaryCode(cause) === SQLITE_FULL) {
    return new NetworkError("OUT_OF_RESOURCES", "the disk is full", { cause });
  }
  return new NetworkError("INTERNAL", `the database failed: ${message}`, { cause });
}

/** The low byte; the rest of an extended result code says more than we ask. */
function primaryCode(cause: unknown): number {
  return ((cause as { errcode?: number }).errcode ?? 0) & 0xff;
}

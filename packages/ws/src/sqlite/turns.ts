import type { DatabaseSync } from "node:sqlite";
import { ClosedError, NetworkError, toNetworkError } from "@net/core";

interface Job {
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One transaction for all the work of a turn of the event loop: durability costs one flush of the disk, however many
 * sessions wait for it. Each piece of work is undone alone if it throws.
 */
export class Turns {
  readonly #database: DatabaseSync;
  #jobs: Job[] = [];
  #isClosed = false;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Resolves with the work's result when it is committed. @throws what the work throws. */
  run<T>(work: () => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    if (this.#isClosed) reject(new ClosedError("the session store is closed"));
    else this.#add({ work, resolve: resolve as (value: unknown) => void, reject });
    return promise;
  }

  /** Does what waits, and nothing after it. */
  close(): void {
    this.#isClosed = true;
    this.#turn();
  }

  #add(job: Job): void {
    this.#jobs.push(job);
    if (this.#jobs.length === 1) setImmediate(() => this.#turn());
  }

  #turn(): void {
    const jobs = this.#jobs;
    this.#jobs = [];
    if (jobs.length === 0) return;
    try {
      for (const settle of this.#transaction(jobs)) settle();
    } catch (error) {
      for (const { reject } of jobs) reject(databaseError(error));
    }
  }

  #transaction(jobs: readonly Job[]): (() => void)[] {
    if (this.#database.isTransaction) {
      throw new NetworkError("INVALID_STATE", "the database is inside another transaction");
    }
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const settlements = jobs.map((job) => this.#attempt(job));
      this.#database.exec("COMMIT");
      return settlements;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  /** Some failures have ended the transaction already. */
  #rollBack(): void {
    if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
  }

  /** @returns what tells the caller, once all is committed. */
  #attempt({ work, resolve, reject }: Job): () => void {
    this.#database.exec("SAVEPOINT job");
    try {
      const result = work();
      this.#database.exec("RELEASE job");
      return () => resolve(result);
    } catch (error) {
      this.#database.exec("ROLLBACK TO job; RELEASE job");
      return () => reject(error);
    }
  }
}

/** The primary result code of a full disk, https://sqlite.org/rescode.html. */
const SQLITE_FULL = 13;

export function databaseError(cause: unknown): NetworkError {
  const { errcode = 0 } = cause as { errcode?: number };
  if ((errcode & 0xff) === SQLITE_FULL) {
    return new NetworkError("OUT_OF_RESOURCES", "the disk is full", { cause });
  }
  return toNetworkError(cause, { doing: "use the session store" });
}

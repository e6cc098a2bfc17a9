import type { DatabaseSync } from "node:sqlite";
import { ClosedError, NetworkError, toNetworkError } from "@net/core";

interface Job {
  readonly work: () => unknown;
  /** May be lost in a power cut. */
  readonly isForgettable: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One transaction for all the work of a turn of the event loop: durability costs one flush of the disk, however many
 * sessions wait for it. Each piece of work is undone alone if it throws. Forgettable work comes after it, in a transaction
 * that is not flushed: it reaches the disk with the next that is, and survives the process in any case.
 */
export class Turns {
  readonly #database: DatabaseSync;
  #jobs: Job[] = [];
  #isClosed = false;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Resolves with the work's result when it is committed, and on the disk. @throws what the work throws. */
  run<T>(work: () => T): Promise<T> {
    return this.#promise(work, false);
  }

  /** The same, but a power cut may undo it. */
  runForgettably<T>(work: () => T): Promise<T> {
    return this.#promise(work, true);
  }

  /** Does what waits, and nothing after it. */
  close(): void {
    this.#isClosed = true;
    this.#turn();
  }

  #promise<T>(work: () => T, isForgettable: boolean): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    if (this.#isClosed) reject(new ClosedError("the session store is closed"));
    else this.#add({ work, isForgettable, resolve: resolve as (value: unknown) => void, reject });
    return promise;
  }

  #add(job: Job): void {
    this.#jobs.push(job);
    if (this.#jobs.length === 1) setImmediate(() => this.#turn());
  }

  #turn(): void {
    const jobs = this.#jobs;
    this.#jobs = [];
    this.#commit(jobs.filter(({ isForgettable }) => !isForgettable));
    const forgettable = jobs.filter(({ isForgettable }) => isForgettable);
    if (forgettable.length > 0) this.#unflushed(() => this.#commit(forgettable));
  }

  #commit(jobs: readonly Job[]): void {
    if (jobs.length === 0) return;
    try {
      this.#assertFree();
      for (const settle of this.#transaction(jobs)) settle();
    } catch (error) {
      for (const { reject } of jobs) reject(databaseError(error));
    }
  }

  /** With `NORMAL`, a commit is written to the log and not flushed (https://sqlite.org/pragma.html#pragma_synchronous). */
  #unflushed(commit: () => void): void {
    // Inside somebody else's transaction it cannot be changed, and nothing is done anyway.
    const isFree = this.#database.isOpen && !this.#database.isTransaction;
    if (isFree) this.#database.exec("PRAGMA synchronous = NORMAL");
    commit();
    if (isFree) this.#database.exec("PRAGMA synchronous = FULL");
  }

  #assertFree(): void {
    if (!this.#database.isTransaction) return;
    throw new NetworkError("INVALID_STATE", "the database is inside another transaction");
  }

  #transaction(jobs: readonly Job[]): (() => void)[] {
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

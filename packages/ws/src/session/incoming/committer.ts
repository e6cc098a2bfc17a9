import { ClosedError, NetworkError } from "@net/core";
import type { SessionStore } from "../store/store.ts";
import type { Backlog } from "./backlog.ts";
import { type Item, notResumed, rejectWaiter } from "./item.ts";

export interface CommitterOptions<Body, Tx> {
  readonly session: string;
  readonly store: SessionStore<Tx>;
  readonly backlog: Backlog<Body>;
  /** Called when the cursor has moved. */
  readonly onCommitted: () => void;
  /** Called with a failure that nobody waits for. */
  readonly onFailure: (error: unknown) => void;
}

/** Acknowledgements on their way to the store: in order, one write at a time, those of a tick together. */
export class Committer<Body, Tx> {
  readonly #options: CommitterOptions<Body, Tx>;
  #writing: Promise<unknown> = Promise.resolve();
  #isScheduled = false;
  #end: NetworkError | undefined;

  constructor(options: CommitterOptions<Body, Tx>) {
    this.#options = options;
  }

  /** Resolves when no write is under way. */
  async settled(): Promise<void> {
    await this.#writing.catch(() => {});
  }

  /** From now on nothing more is acknowledged. */
  end(error: NetworkError | undefined): void {
    this.#end ??= error ?? new ClosedError("the session was closed");
  }

  async acknowledge(item: Item<Body>): Promise<void> {
    if (item.isCommitted) return;
    this.#assertHeld(item);
    item.isDone = true;
    item.waiter ??= Promise.withResolvers();
    this.flushLater();
    await item.waiter.promise;
  }

  /** @returns false if it was committed already. */
  commit(item: Item<Body>, effects: (tx: Tx) => void | PromiseLike<void>): Promise<boolean> {
    return this.#exclusively(async () => {
      await this.#flush();
      if (item.isCommitted) return false;
      this.#assertHeld(item);
      return await this.#commitNext(item, effects);
    });
  }

  /** What is done goes to the store, together with what else becomes so in this tick. */
  flushLater(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      const flush = (): Promise<void> => {
        this.#isScheduled = false;
        return this.#flush();
      };
      this.#exclusively(flush).catch(this.#options.onFailure);
    });
  }

  async #commitNext(
    item: Item<Body>,
    effects: (tx: Tx) => void | PromiseLike<void>,
  ): Promise<boolean> {
    const { session, store, backlog } = this.#options;
    if (item.seq !== backlog.cursor + 1) throw outOfOrder(item.seq, backlog.cursor);
    const progress = { epoch: item.epoch, seq: item.seq, ids: [item.id] };
    const isApplied = await store.commit(session, progress, effects);
    item.isDone = true;
    this.#committed([item]);
    this.flushLater();
    return isApplied;
  }

  async #flush(): Promise<void> {
    const { session, store, backlog } = this.#options;
    const items = backlog.firstDone();
    const last = items.at(-1);
    if (!last) return;
    const progress = { epoch: last.epoch, seq: last.seq, ids: items.map(({ id }) => id) };
    try {
      await store.commit(session, progress);
      this.#committed(items);
    } catch (error) {
      takeBack(items, error);
    }
  }

  #committed(items: readonly Item<Body>[]): void {
    for (const item of items) {
      item.isCommitted = true;
      item.waiter?.resolve();
    }
    this.#options.backlog.commit(items);
    this.#options.onCommitted();
  }

  #assertHeld(item: Item<Body>): void {
    if (!this.#options.backlog.has(item)) throw notResumed();
    if (this.#end) throw this.#end;
  }

  /** One write of this session at a time. */
  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#writing.catch(() => {}).then(work);
    this.#writing = result;
    return result;
  }
}

/** The store did not take them: whoever waits is told. @throws the error if somebody does not wait. */
function takeBack<Body>(items: readonly Item<Body>[], error: unknown): void {
  const told = items.filter(({ waiter }) => waiter);
  for (const item of told) {
    item.isDone = false;
    rejectWaiter(item, error);
  }
  if (told.length < items.length) throw error;
}

function outOfOrder(seq: number, cursor: number): NetworkError {
  return new NetworkError(
    "INVALID_STATE",
    `message ${seq} cannot be committed before message ${cursor + 1}: commit in order`,
  );
}

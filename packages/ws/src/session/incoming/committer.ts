import { ClosedError, NetworkError } from "@net/core";
import type { ExchangeSettings } from "../options.ts";
import type { Backlog } from "./backlog.ts";
import { type Item, notResumed, rejectWaiter } from "./item.ts";

export interface CommitterOptions<Body, Tx> {
  readonly session: string;
  readonly settings: ExchangeSettings<Body, Tx>;
  /** Is told of a failure that nobody waits for. */
  readonly owner: { onFailure(error: unknown): void };
}

export interface CommitterOwner {
  /** The cursor has moved. */
  onCommitted(): void;
}

/** Awaited, it lets one turn of the promise queue pass. */
const turn = Promise.resolve();

/** Acknowledgements on their way to the store: in order, one write at a time, those of a tick together. */
export class Committer<Body, Tx> {
  readonly #options: CommitterOptions<Body, Tx>;
  readonly #backlog: Backlog<Body>;
  readonly #owner: CommitterOwner;
  #writing: Promise<unknown> = turn;
  #isScheduled = false;
  /** How many acknowledgements there were, ever. */
  #acknowledged = 0;
  /** One promise for all that were acknowledged in order, and go to the store with the next write. */
  #next: PromiseWithResolvers<void> | undefined;
  #end: NetworkError | undefined;

  constructor(options: CommitterOptions<Body, Tx>, backlog: Backlog<Body>, owner: CommitterOwner) {
    this.#options = options;
    this.#backlog = backlog;
    this.#owner = owner;
  }

  /** Resolves when no write is under way. */
  async settled(): Promise<void> {
    await this.#writing.catch(() => {});
  }

  /** The backlog begins anew; who waited for what was in it is told by its owner. */
  begin(): void {
    this.#next = undefined;
  }

  /** From now on nothing more is acknowledged. */
  end(error: NetworkError | undefined): void {
    this.#end ??= error ?? new ClosedError("the session was closed");
  }

  /** Not an async function, which would cost a promise more for each message. */
  acknowledge(item: Item<Body>): Promise<void> {
    if (item.isCommitted) return Promise.resolve();
    const refusal = this.#refusal(item);
    if (refusal) return Promise.reject(refusal);
    item.waiter ??= this.#waiterFor(item);
    item.isDone = true;
    this.#acknowledged++;
    this.flushLater();
    return item.waiter.promise;
  }

  /** @returns false if it was committed already. */
  commit(item: Item<Body>, effects: (tx: Tx) => void | PromiseLike<void>): Promise<boolean> {
    return this.#exclusively(async () => {
      await this.#flush();
      if (item.isCommitted) return false;
      const refusal = this.#refusal(item);
      if (refusal) throw refusal;
      return await this.#commitNext(item, effects);
    });
  }

  #waiterFor(item: Item<Body>): PromiseWithResolvers<void> {
    if (!this.#backlog.isFirst(item)) return Promise.withResolvers();
    this.#next ??= Promise.withResolvers();
    return this.#next;
  }

  /** What is done goes to the store, together with what else becomes so in this tick. */
  flushLater(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const flush = async (): Promise<void> => {
      await this.#untilQuiet();
      this.#isScheduled = false;
      await this.#flush();
    };
    this.#exclusively(flush).catch((error: unknown) => this.#options.owner.onFailure(error));
  }

  /** While somebody acknowledges one message after the other, without waiting, they make one write. */
  async #untilQuiet(): Promise<void> {
    let seen: number;
    do {
      seen = this.#acknowledged;
      await turn;
      await turn;
    } while (this.#acknowledged !== seen);
  }

  async #commitNext(
    item: Item<Body>,
    effects: (tx: Tx) => void | PromiseLike<void>,
  ): Promise<boolean> {
    const { session, settings } = this.#options;
    const { cursor } = this.#backlog;
    if (item.seq !== cursor + 1) throw outOfOrder(item.seq, cursor);
    const progress = { epoch: item.epoch, seq: item.seq, ids: [item.id] };
    const isApplied = await settings.store.commit(session, progress, effects);
    item.isDone = true;
    this.#committed([item]);
    this.flushLater();
    return isApplied;
  }

  async #flush(): Promise<void> {
    const { session, settings } = this.#options;
    const items = this.#backlog.firstDone();
    const waiting = this.#next;
    this.#next = undefined;
    const last = items.at(-1);
    if (!last) {
      waiting?.resolve();
      return;
    }
    const progress = { epoch: last.epoch, seq: last.seq, ids: items.map(({ id }) => id) };
    try {
      await settings.store.commit(session, progress);
      this.#committed(items);
    } catch (error) {
      this.#takeBack(items, error);
    }
  }

  #committed(items: readonly Item<Body>[]): void {
    for (const item of items) {
      item.isCommitted = true;
      // Whoever shares a promise learns it when all that it stands for are committed.
      if (item.waiter !== this.#next) item.waiter?.resolve();
    }
    this.#backlog.commit(items);
    this.#owner.onCommitted();
  }

  /** The store did not take them: whoever waits is told. @throws the error if somebody does not wait. */
  #takeBack(items: readonly Item<Body>[], error: unknown): void {
    const told = items.filter(({ waiter }) => waiter);
    this.#backlog.takeBack(told);
    for (const item of told) rejectWaiter(item, error);
    if (told.length < items.length) throw error;
  }

  #refusal(item: Item<Body>): NetworkError | undefined {
    return this.#backlog.has(item) ? this.#end : notResumed();
  }

  /** One write of this session at a time. */
  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#writing.catch(() => {}).then(work);
    this.#writing = result;
    return result;
  }
}

function outOfOrder(seq: number, cursor: number): NetworkError {
  return new NetworkError(
    "INVALID_STATE",
    `message ${seq} cannot be committed before message ${cursor + 1}: commit in order`,
  );
}

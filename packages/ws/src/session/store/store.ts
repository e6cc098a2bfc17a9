import type { MadeId } from "../message-ids.ts";

/** What is known of a session on this end. */
export interface StoredSession {
  /** Empty until the two ends have met. */
  readonly epoch: string;
  /** The other end's messages up to this one are committed here. */
  readonly cursor: number;
  /** Our messages up to this one are committed there, and gone from here. */
  readonly acked: number;
  /** Our last message; `acked` if none waits. */
  readonly head: number;
}

/** A message to be kept. */
export interface NewMessage {
  /** Unique among the session's messages. */
  readonly id: string;
  /**
   * There if the id was made for this message alone. A store may forget it; where it gives it back when it offers the
   * message, much less travels, and the other end need not look whether it knows the id.
   */
  readonly made?: MadeId | undefined;
  /** JSON text. */
  readonly body: string;
  /** The body's size in UTF-8. */
  readonly bytes: number;
}

/** A message that waits to be committed by the other end. */
export interface WaitingMessage extends NewMessage {
  readonly seq: number;
  /** It was offered before, so that the other end may have seen it. */
  readonly redelivered: boolean;
}

/** How much to offer at once; the first message is offered whatever its size. */
export interface OfferLimit {
  readonly messages: number;
  /** Of bodies, together. */
  readonly bytes: number;
}

/** Messages of the other end that were processed, in order. */
export interface Progress {
  readonly epoch: string;
  /** The last of them. */
  readonly seq: number;
  /** All their ids; the first message has the number `seq − ids.length + 1`. */
  readonly ids: readonly string[];
}

/** A receiver knows again at least so many messages of a session by their ids, and at most twice as many, across epochs. */
export const REMEMBERED_IDS = 1_024;

/**
 * Where an end of sessions keeps what must survive: messages that wait, how far the other end's are committed, and
 * which ids were. Every method is atomic, and durable as far as the store is once its promise resolves. A method that
 * rejects has changed nothing. The suite `sessionStoreConformance` in `@net/ws/testing` has a test for each line.
 *
 * Where `epoch` is given and is not the session's, the method rejects with `CONFLICT`: whoever asks belongs to a
 * session that was not resumed.
 *
 * @typeParam Tx what a transaction's effects are made with.
 */
export interface SessionStore<Tx = unknown> {
  /** Undefined if nothing is kept of it. */
  load(session: string): Promise<StoredSession | undefined>;

  /**
   * Begins anew: the cursor is 0, and the messages that wait are numbered from 1, in their order. Which ids were
   * committed, and which messages were offered, stays known.
   */
  reset(session: string, epoch: string): Promise<StoredSession>;

  /**
   * Adds messages after the last one; a session that is unknown begins with them. One whose id waits already is not
   * added again. All or none.
   *
   * @throws OverloadedError if more than `maxWaiting` messages would wait.
   */
  append(session: string, messages: readonly NewMessage[], maxWaiting: number): Promise<void>;

  /** The messages after `after`, in order, as many as fit. They count as offered once this resolves. */
  offer(
    session: string,
    epoch: string,
    after: number,
    limit: OfferLimit,
  ): Promise<readonly WaitingMessage[]>;

  /**
   * Our messages up to `seq` are committed there: forgets them, and says their ids. A power cut may undo it, since the
   * other end says it again when the two meet.
   */
  acknowledge(session: string, epoch: string, seq: number): Promise<readonly string[]>;

  /** Which of these ids of the other end were committed here, among the last {@link REMEMBERED_IDS} at least. */
  committed(session: string, ids: readonly string[]): Promise<ReadonlySet<string>>;

  /**
   * Moves the cursor to `progress.seq` and remembers the ids, together with what `effects` does: both or neither.
   *
   * @returns false if the cursor is there already; `effects` was not called then.
   * @throws NetworkError `CONFLICT` if the cursor is not right before the first of them; what `effects` throws.
   */
  commit(
    session: string,
    progress: Progress,
    effects?: (tx: Tx) => void | PromiseLike<void>,
  ): Promise<boolean>;

  /** Forgets the session. */
  delete(session: string): Promise<void>;
}

import type { MessageStore, Session } from "../store/store.ts";
import type { Connection } from "./connection.ts";
import type { WakeUps } from "./wake-ups.ts";

/** Messages that may be under way unacknowledged: a client never has to hold more, however slow it works. */
export const DELIVERY_WINDOW = 64;
/** Rows read at once: at most 16 texts of 64 KiB are in memory for one connection. */
const PAGE_ROWS = 16;
/** Above this many unsent bytes nothing more is read from the store, until they have left. */
const HIGH_WATER_MARK: number = 256 * 1024;

export interface DeliveryParts {
  readonly session: Session;
  readonly messages: MessageStore;
  readonly wakeUps: WakeUps;
  readonly connection: Connection;
  /** Called once if the store fails; delivery has stopped then. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Sends one connection what its device has not acknowledged, in order, then what comes. The inbox in the store
 * is the queue: nothing waits in memory for a slow reader. Rows are read again from the place where it stopped.
 */
export class Delivery implements Disposable {
  readonly #parts: DeliveryParts;
  #listening: Disposable | undefined;
  #acked = 0;
  #sent = 0;
  /** There may be rows to send. */
  #wanted = false;
  #pumping = false;
  #congested = false;
  #stopped = false;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Begins after the device's cursor, or after `cursor` if the client has come further. */
  async start(cursor: number): Promise<void> {
    const { session, messages, connection, wakeUps } = this.#parts;
    this.#acked = await messages.acknowledge(session.device.id, cursor);
    this.#sent = this.#acked;
    if (this.#stopped) return;
    connection.send({ kind: "welcome", cursor: this.#acked });
    this.#listening = wakeUps.listen(session.user.id, () => this.#wake());
    this.#wake();
  }

  /**
   * All messages up to `seq` were processed. It may be more than this connection was sent: a client that comes back
   * still has what the one before brought.
   */
  async acknowledge(seq: number): Promise<void> {
    if (seq <= this.#acked) return;
    const { session, messages } = this.#parts;
    const acked = await messages.acknowledge(session.device.id, seq);
    this.#acked = Math.max(this.#acked, acked);
    this.#sent = Math.max(this.#sent, this.#acked);
    this.#wake();
  }

  /** Some of what was sent has left this machine. */
  drained(): void {
    if (!this.#congested || this.#parts.connection.bufferedBytes > HIGH_WATER_MARK) return;
    this.#congested = false;
    this.#wake();
  }

  /** Stops; what was not acknowledged is sent again to the device's next connection. */
  [Symbol.dispose](): void {
    this.#stopped = true;
    this.#listening?.[Symbol.dispose]();
  }

  #wake(): void {
    this.#wanted = true;
    if (!this.#pumping && !this.#stopped) void this.#pump();
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    try {
      while (this.#wanted && !this.#stopped) {
        this.#wanted = false;
        await this.#sendPage();
      }
    } catch (error) {
      this[Symbol.dispose]();
      this.#parts.onFailure(error);
    }
    this.#pumping = false;
  }

  /** An acknowledgement, or `drained`, wakes us when there is room again. */
  async #sendPage(): Promise<void> {
    const { messages, session, connection } = this.#parts;
    this.#congested = connection.bufferedBytes > HIGH_WATER_MARK;
    const room = Math.min(PAGE_ROWS, DELIVERY_WINDOW - (this.#sent - this.#acked));
    if (this.#congested || room <= 0) return;
    const rows = await messages.after(session.user.id, this.#sent, room);
    for (const { seq, message } of rows) {
      if (this.#stopped) return;
      if (seq <= this.#sent) continue;
      connection.send({ kind: "message", seq, message });
      this.#sent = seq;
    }
    if (rows.length === room) this.#wanted = true;
  }
}

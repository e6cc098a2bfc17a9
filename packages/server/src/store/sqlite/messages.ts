import type { InboxRow, MessageType, NewMessage } from "../../messages/message.ts";
import { type AddOutcome, MAX_UNREAD, type MessageStore } from "../store.ts";
import type { Database, Statement } from "./database.ts";

interface StoredMessage {
  readonly senderAgent: string | null;
  readonly recipientId: string;
  readonly recipientAgent: string;
  readonly type: string;
  readonly text: string;
  readonly sentAtMs: number;
}

interface JoinedRow extends Omit<StoredMessage, "recipientId"> {
  readonly seq: number;
  readonly id: string;
  readonly senderId: string;
  readonly username: string;
}

export class SqliteMessages implements MessageStore {
  readonly #database: Database;
  readonly #stored: Statement<StoredMessage>;
  readonly #unread: Statement<{ unread: number }>;
  readonly #insert: Statement<{ key: number }>;
  readonly #nextSeq: Statement<{ seq: number }>;
  readonly #insertInbox: Statement<object>;
  readonly #after: Statement<JoinedRow>;
  readonly #acknowledge: Statement<{ seq: number }>;

  constructor(database: Database) {
    this.#database = database;
    this.#stored = database.prepare(
      `SELECT sender_agent AS senderAgent, recipient_id AS recipientId, recipient_agent AS recipientAgent,
              type, text, sent_at_ms AS sentAtMs
       FROM messages WHERE sender_id = ? AND id = ?`,
    );
    this.#unread = database.prepare(
      `SELECT head_seq - coalesce((SELECT max(acked_seq) FROM devices WHERE user_id = u.id), 0) AS unread
       FROM users u WHERE id = ?`,
    );
    this.#insert = database.prepare(
      `INSERT INTO messages (sender_id, id, sender_agent, recipient_id, recipient_agent, type, text, sent_at_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING key`,
    );
    // A counter row, changed in the transaction that uses the number: no number is skipped, and none is seen
    // before a smaller one, as happens with a database sequence under concurrent writers.
    this.#nextSeq = database.prepare(
      `UPDATE users SET head_seq = head_seq + 1 WHERE id = ? RETURNING head_seq AS seq`,
    );
    this.#insertInbox = database.prepare(
      `INSERT INTO inbox (user_id, seq, message_key) VALUES (?, ?, ?)`,
    );
    this.#after = database.prepare(
      `SELECT i.seq, m.id, m.sender_id AS senderId, u.username, m.sender_agent AS senderAgent,
              m.recipient_agent AS recipientAgent, m.type, m.text, m.sent_at_ms AS sentAtMs
       FROM inbox i JOIN messages m ON m.key = i.message_key JOIN users u ON u.id = m.sender_id
       WHERE i.user_id = ? AND i.seq > ? ORDER BY i.seq LIMIT ?`,
    );
    this.#acknowledge = database.prepare(
      `UPDATE devices SET acked_seq =
         max(acked_seq, min(?, (SELECT head_seq FROM users WHERE id = devices.user_id)))
       WHERE id = ? RETURNING acked_seq AS seq`,
    );
  }

  async add(message: NewMessage): Promise<AddOutcome> {
    return this.#database.transaction(() => {
      const stored = this.#stored.get(message.senderId, message.id);
      if (stored) return repeatOf(stored, message);
      if ((this.#unread.get(message.recipientId)?.unread ?? 0) >= MAX_UNREAD) {
        return { kind: "full" };
      }
      this.#write(message);
      return { kind: "stored", sentAtMs: message.sentAtMs };
    });
  }

  async after(userId: string, seq: number, limit: number): Promise<readonly InboxRow[]> {
    return this.#after.all(userId, seq, limit).map(toInboxRow);
  }

  async acknowledge(deviceId: string, seq: number): Promise<number> {
    return this.#acknowledge.get(seq, deviceId)?.seq ?? 0;
  }

  #write(message: NewMessage): void {
    const { senderId, id, senderAgent, recipientId, recipientAgent } = message;
    const { type, text, sentAtMs } = message;
    const agent = senderAgent ?? null;
    const row = this.#insert.get(
      ...[senderId, id, agent, recipientId, recipientAgent, type, text, sentAtMs],
    );
    const next = this.#nextSeq.get(recipientId);
    this.#insertInbox.run(recipientId, next?.seq ?? null, row?.key ?? null);
  }
}

/** Sent again after a lost answer, or an id used for two messages? */
function repeatOf(stored: StoredMessage, message: NewMessage): AddOutcome {
  const same =
    stored.recipientId === message.recipientId &&
    stored.recipientAgent === message.recipientAgent &&
    stored.senderAgent === (message.senderAgent ?? null) &&
    stored.type === message.type &&
    stored.text === message.text;
  return same ? { kind: "repeated", sentAtMs: stored.sentAtMs } : { kind: "conflict" };
}

function toInboxRow(row: JoinedRow): InboxRow {
  const { seq, id, senderId: userId, username, senderAgent, recipientAgent, text, sentAtMs } = row;
  const from = { userId, username, ...(senderAgent !== null && { agent: senderAgent }) };
  const type = row.type as MessageType;
  return { seq, message: { id, from, to: { agent: recipientAgent }, type, text, sentAtMs } };
}

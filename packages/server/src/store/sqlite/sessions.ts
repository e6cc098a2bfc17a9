import {
  type Device,
  MAX_DEVICES,
  type NewSession,
  type Session,
  type SessionStore,
} from "../store.ts";
import type { Database, Statement } from "./database.ts";

interface SessionRow {
  readonly id: string;
  readonly userId: string;
  readonly username: string;
  readonly deviceId: string;
  readonly deviceName: string;
  readonly expiresAtMs: number;
}

export class SqliteSessions implements SessionStore {
  readonly #database: Database;
  readonly #insert: Statement<object>;
  readonly #byToken: Statement<SessionRow>;
  readonly #deleteExpired: Statement<object>;
  readonly #delete: Statement<object>;
  readonly #device: Statement<Device>;
  readonly #countDevices: Statement<{ devices: number }>;
  readonly #insertDevice: Statement<object>;

  constructor(database: Database) {
    this.#database = database;
    this.#insert = database.prepare(
      `INSERT INTO sessions (id, token_hash, user_id, device_id, expires_at_ms) VALUES (?, ?, ?, ?, ?)`,
    );
    this.#byToken = database.prepare(
      `SELECT s.id, u.id AS userId, u.username, d.id AS deviceId, d.name AS deviceName,
              s.expires_at_ms AS expiresAtMs
       FROM sessions s JOIN users u ON u.id = s.user_id JOIN devices d ON d.id = s.device_id
       WHERE s.token_hash = ? AND s.expires_at_ms > ?`,
    );
    this.#deleteExpired = database.prepare(
      `DELETE FROM sessions WHERE user_id = ? AND expires_at_ms <= ?`,
    );
    this.#delete = database.prepare(`DELETE FROM sessions WHERE id = ?`);
    this.#device = database.prepare(`SELECT id, name FROM devices WHERE user_id = ? AND name = ?`);
    this.#countDevices = database.prepare(
      `SELECT count(*) AS devices FROM devices WHERE user_id = ?`,
    );
    this.#insertDevice = database.prepare(
      `INSERT INTO devices (id, user_id, name, acked_seq)
       SELECT ?, ?, ?, coalesce(max(acked_seq), 0) FROM devices WHERE user_id = ?`,
    );
  }

  async open(session: NewSession): Promise<Device | undefined> {
    const { id, tokenHash, userId, nowMs, expiresAtMs } = session;
    return this.#database.transaction(() => {
      const device = this.#openDevice(session);
      if (!device) return undefined;
      this.#deleteExpired.run(userId, nowMs);
      this.#insert.run(id, tokenHash, userId, device.id, expiresAtMs);
      return device;
    });
  }

  async find(tokenHash: Uint8Array, nowMs: number): Promise<Session | undefined> {
    const row = this.#byToken.get(tokenHash, nowMs);
    return row && toSession(row);
  }

  async end(sessionId: string): Promise<void> {
    this.#delete.run(sessionId);
  }

  #openDevice({ userId, deviceName, newDeviceId }: NewSession): Device | undefined {
    const known = this.#device.get(userId, deviceName);
    if (known) return known;
    if ((this.#countDevices.get(userId)?.devices ?? 0) >= MAX_DEVICES) return undefined;
    this.#insertDevice.run(newDeviceId, userId, deviceName, userId);
    return { id: newDeviceId, name: deviceName };
  }
}

function toSession(row: SessionRow): Session {
  return {
    id: row.id,
    user: { id: row.userId, username: row.username },
    device: { id: row.deviceId, name: row.deviceName },
    expiresAtMs: row.expiresAtMs,
  };
}

import { NetworkError } from "@net/core";
import type { Database } from "./database.ts";

/** Marks an SQLite file as ours: "nets" in ASCII. See https://sqlite.org/pragma.html#pragma_application_id. */
const APPLICATION_ID = 0x6e657473;

/** Step N takes a database from version N to N + 1. Steps that were released never change; new ones are added. */
const migrations: readonly string[] = [
  `
  CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    username      TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    is_test       INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    head_seq      INTEGER NOT NULL DEFAULT 0      -- the number of the newest row in the user's inbox
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE devices (
    id        TEXT PRIMARY KEY,
    user_id   TEXT NOT NULL REFERENCES users,
    name      TEXT NOT NULL,
    acked_seq INTEGER NOT NULL,                   -- the cursor: all rows up to here were acknowledged
    UNIQUE (user_id, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE sessions (
    token_hash    BLOB PRIMARY KEY,
    id            TEXT NOT NULL UNIQUE,
    user_id       TEXT NOT NULL REFERENCES users,
    device_id     TEXT NOT NULL REFERENCES devices,
    expires_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_of_user ON sessions (user_id, expires_at_ms);

  CREATE TABLE friendships (                      -- one row a pair, whoever asked
    low_id       TEXT NOT NULL REFERENCES users,
    high_id      TEXT NOT NULL REFERENCES users,
    requested_by TEXT NOT NULL,
    accepted     INTEGER NOT NULL,
    PRIMARY KEY (low_id, high_id),
    CHECK (low_id < high_id AND requested_by IN (low_id, high_id))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX friendships_of_high ON friendships (high_id);
  CREATE INDEX open_requests ON friendships (requested_by) WHERE accepted = 0;

  CREATE TABLE agents (
    user_id     TEXT NOT NULL REFERENCES users,
    name        TEXT NOT NULL,
    position    INTEGER NOT NULL,
    description TEXT NOT NULL,
    type        TEXT NOT NULL,
    PRIMARY KEY (user_id, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE messages (
    key             INTEGER PRIMARY KEY,
    sender_id       TEXT NOT NULL REFERENCES users,
    id              TEXT NOT NULL,                -- the sender's own
    sender_agent    TEXT,
    recipient_id    TEXT NOT NULL REFERENCES users,
    recipient_agent TEXT NOT NULL,
    type            TEXT NOT NULL,
    text            TEXT NOT NULL,
    sent_at_ms      INTEGER NOT NULL,
    UNIQUE (sender_id, id)
  ) STRICT;

  CREATE TABLE inbox (                            -- the log that devices read
    user_id     TEXT NOT NULL REFERENCES users,
    seq         INTEGER NOT NULL,
    message_key INTEGER NOT NULL REFERENCES messages,
    PRIMARY KEY (user_id, seq)
  ) STRICT, WITHOUT ROWID;
  `,
];

/**
 * Brings the database to this build's schema, each step whole or not at all.
 *
 * @throws NetworkError `INVALID_STATE` if the file is another program's, or of a newer build.
 */
export function migrate(database: Database): void {
  const version = ourVersion(database);
  for (const [index, step] of migrations.entries()) {
    if (index < version) continue;
    database.transaction(() => {
      database.exec(step);
      database.exec(
        `PRAGMA user_version = ${index + 1}; PRAGMA application_id = ${APPLICATION_ID}`,
      );
    });
  }
}

function ourVersion(database: Database): number {
  const { application_id: application } = pragma(database, "application_id");
  const { user_version: version = 0 } = pragma(database, "user_version");
  const { tables } = database
    .prepare<{ tables: number }>("SELECT count(*) AS tables FROM sqlite_schema")
    .get() ?? { tables: 0 };
  if (tables > 0 && application !== APPLICATION_ID) {
    throw new NetworkError("INVALID_STATE", "this database belongs to another program");
  }
  if (version > migrations.length) {
    throw new NetworkError(
      "INVALID_STATE",
      `the database has schema version ${version}, this build knows ${migrations.length}: use a newer build`,
    );
  }
  return version;
}

function pragma(database: Database, name: string): Readonly<Record<string, number | undefined>> {
  return database.prepare<Record<string, number>>(`PRAGMA ${name}`).get() ?? {};
}

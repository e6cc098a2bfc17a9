/** Our tables; the prefix keeps them apart from those of a database's owner. */
export const schema = `
  CREATE TABLE IF NOT EXISTS net_session (
    id TEXT PRIMARY KEY,
    epoch TEXT NOT NULL DEFAULT '',
    cursor INTEGER NOT NULL DEFAULT 0,
    acked INTEGER NOT NULL DEFAULT 0,
    offered INTEGER NOT NULL DEFAULT 0,
    head INTEGER NOT NULL DEFAULT 0,
    -- Added to a message's number, it is the number of its row: a session that begins anew renumbers no rows.
    base INTEGER NOT NULL DEFAULT 0,
    -- Messages committed in all epochs.
    committed INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE IF NOT EXISTS net_session_waiting (
    session TEXT NOT NULL,
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (session, number),
    UNIQUE (session, id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE IF NOT EXISTS net_session_committed (
    session TEXT NOT NULL,
    id TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (session, id)
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX IF NOT EXISTS net_session_committed_number ON net_session_committed (session, number);
`;

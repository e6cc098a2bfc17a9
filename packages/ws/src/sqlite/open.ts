import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { NetworkError } from "@net/core";
import { schema } from "./schema.ts";
import { databaseError } from "./turns.ts";

/** The log is flushed at each commit; a writer in another process is waited for. */
const settings = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA busy_timeout = 5000;
`;

/** The path of a database that lives in memory and dies with the process. */
const IN_MEMORY = ":memory:";
const OWNER_ONLY = 0o600;

/** Opens it, if it is a path, and prepares it for sessions. @throws NetworkError `INVALID_STATE` */
export function openDatabase(database: string | DatabaseSync): DatabaseSync {
  try {
    const opened = typeof database === "string" ? openFile(database) : database;
    opened.exec(settings);
    opened.exec(schema);
    return opened;
  } catch (cause) {
    const { message } = databaseError(cause);
    throw new NetworkError("INVALID_STATE", `the session store cannot be opened: ${message}`, {
      cause,
    });
  }
}

/** Messages are private: a new file is its owner's. */
function openFile(path: string): DatabaseSync {
  if (path !== IN_MEMORY) closeSync(openSync(path, "a", OWNER_ONLY));
  return new DatabaseSync(path);
}

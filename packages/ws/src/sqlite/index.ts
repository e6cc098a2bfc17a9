/**
 * `@net/ws/sqlite`: a session store in an SQLite database, by Node's own `node:sqlite`. For Node.
 *
 * @module
 */

export {
  type SqliteSessionStore,
  type SqliteSessionStoreOptions,
  sqliteSessionStore,
} from "./store.ts";

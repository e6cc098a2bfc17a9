/**
 * `@net/ws/testing`: the suite that every session store passes, and a session on links that fail all the time. For Node.
 *
 * @module
 */

export {
  exchangeInTurmoil,
  type TurmoilOptions,
  type TurmoilReport,
} from "./exchange-in-turmoil.ts";
export {
  type StoreCase,
  type StoreHarness,
  sessionStoreConformance,
} from "./session-store.ts";

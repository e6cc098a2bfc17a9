/**
 * `@net/ws/testing`: the suite that every session store passes. For Node.
 *
 * @module
 */

export {
  type StoreCase,
  type StoreHarness,
  sessionStoreConformance,
} from "./session-store.ts";

import type { SessionStore } from "../session/store/store.ts";
import { incomingScenarios } from "./store-scenarios/incoming.ts";
import { outgoingScenarios } from "./store-scenarios/outgoing.ts";

/** What the suite needs to know about a store. */
export interface StoreHarness<Tx> {
  /** A new, empty store. */
  open(): SessionStore<Tx> | Promise<SessionStore<Tx>>;
  /** The same store after a restart of the process. Left out by one that does not survive it. */
  reopen?(store: SessionStore<Tx>): SessionStore<Tx> | Promise<SessionStore<Tx>>;
}

/** One promise of the contract; `run` rejects if it does not hold. */
export interface StoreCase {
  readonly name: string;
  run(): Promise<void>;
}

/**
 * The promises of `SessionStore`, one case each, for any test runner.
 *
 * @example
 * ```ts
 * for (const { name, run } of sessionStoreConformance({ open: memorySessionStore })) test(name, run);
 * ```
 */
export function sessionStoreConformance<Tx>(harness: StoreHarness<Tx>): readonly StoreCase[] {
  return Object.entries({ ...outgoingScenarios, ...incomingScenarios }).map(([name, scenario]) => ({
    name,
    run: async () => scenario(await harness.open(), harness),
  }));
}

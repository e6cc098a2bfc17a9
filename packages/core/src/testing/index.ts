/**
 * `@net/core/testing`: a clock that moves when told, and the suite that every transport passes. For Node.
 *
 * @module
 */

export { FakeClock, settle } from "./fake-clock.ts";

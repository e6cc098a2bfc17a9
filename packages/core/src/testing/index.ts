/**
 * `@net/core/testing`: a clock that moves when told, randomness that says what it is told, a proxy that fails when
 * told, and the suite that every transport passes. For Node.
 *
 * @module
 */

export { testCertificate } from "./certificate.ts";
export type {
  ConformanceCase,
  FaultyWay,
  LinkLimits,
  TransportHarness,
} from "./conformance/harness.ts";
export { linkConformance } from "./conformance/index.ts";
export { FakeClock, settle } from "./fake-clock.ts";
export { scriptedRng } from "./scripted-rng.ts";
export { TcpProxy } from "./tcp-proxy.ts";
export { turmoil } from "./turmoil.ts";

// What a `PeerNetwork` may be told, and what it makes of that: see src/options/.

export type { AdmissionSettings } from "./options/admission.ts";
export { DEFAULT_LIMITS, type PeerLimits } from "./options/limits.ts";
export type { PeerNetworkOptions } from "./options/peer-network-options.ts";
export { type PeerNetworkSettings, readOptions } from "./options/settings.ts";

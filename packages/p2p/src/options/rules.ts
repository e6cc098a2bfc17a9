import type { Transport } from "@net/core";
import type { DeviceIdentity, OwnerTrust } from "@net/core/identity";
import { having, type Rule, text } from "@net/core/options";

// What peers ask of their options, beside what everybody does.

export const rawKey: Rule = {
  words: "a raw public key, 32 bytes",
  accepts: (value) => value instanceof Uint8Array && value.byteLength === 32,
};

const dialler = having<Transport>("a Transport", ["dial"]);

export const transport: Rule = {
  words: "a Transport: something with schemes and dial",
  accepts: (value) => dialler.accepts(value) && areSchemes((value as Transport).schemes),
};

export const deviceIdentity: Rule = having<DeviceIdentity>("a DeviceIdentity", ["sign", "toPem"]);

export const ownerTrust: Rule = having<OwnerTrust>("an OwnerTrust", [
  ...(["accept", "relationTo", "isRevoked", "learn"] as const),
]);

function areSchemes(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(text.accepts);
}

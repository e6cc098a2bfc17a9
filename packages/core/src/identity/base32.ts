/** Crockford's base 32: no I, L, O, U, so that it can be read aloud and typed. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BITS_PER_CHARACTER = 5;
const GROUP_LENGTH = 4;

/** The first bits of some bytes for people: Crockford's base 32 in groups of four, `7T4M-0K2P-…`. */
export function toBase32(bytes: Uint8Array, bits: number): string {
  let characters = "";
  for (let bit = 0; bit < bits; bit += BITS_PER_CHARACTER) {
    const pair = ((bytes[bit >> 3] ?? 0) << 8) | (bytes[(bit >> 3) + 1] ?? 0);
    characters += ALPHABET[(pair >> (11 - (bit & 7))) & 31];
  }
  const groups: string[] = [];
  for (let at = 0; at < characters.length; at += GROUP_LENGTH) {
    groups.push(characters.slice(at, at + GROUP_LENGTH));
  }
  return groups.join("-");
}

/** As people type it: in small letters, with other gaps or none, O for 0 and I or L for 1. */
export function normalizeBase32(typed: string): string {
  return typed.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
}

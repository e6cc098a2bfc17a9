/**
 * 32 bits from a text: FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo) over its UTF-16 units, then the finalizer of MurmurHash3
 * (A. Appleby), which lets every bit of the text reach every bit of the hash. Against accidents, not against attackers.
 */
export function hashText(text: string, seed: number = 0): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

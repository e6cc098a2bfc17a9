/**
 * What a frame is, by its first byte. A first byte of 0x90 to 0x9f, MessagePack's short arrays, is none of these: then
 * the frame is a whole message between the two ends of the channel, see calls.ts.
 */
export const FrameKind = {
  // The handshake, in this order.
  hello: 1,
  welcome: 2,
  proof: 3,
  ready: 4,

  // Control: small, urgent, and outside the receiver's credit, which must not keep them back.
  ping: 8,
  pong: 9,
  credit: 10,
  notice: 11,
  probeRequest: 12,
  probeReport: 13,
  suspect: 14,
  refute: 15,
  /** A message between ends. */
  urgent: 16,
  lifeline: 17,

  // Under the receiver's credit.
  piece: 20,
  statement: 24,
  // Gossip, see gossip/kinds.ts.
  advert: 25,
  digest: 26,
  difference: 27,
  want: 28,
  broadcast: 32,
  ihave: 33,
  graft: 34,
  prune: 35,
  routed: 48,
} as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/** Frames that the receiver's credit does not count. */
export function isControl(kind: number): boolean {
  return kind >= FrameKind.ping && kind < FrameKind.piece;
}

/** Whether a frame is a whole message between ends: a MessagePack array of at most 15 items. */
export function isMessage(firstByte: number): boolean {
  return firstByte >= 0x90 && firstByte <= 0x9f;
}

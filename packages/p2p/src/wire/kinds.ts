/** The kinds of frames, as byte 1 of a frame says them. */
export const FrameKind = {
  // Between the ends of one link, until both know each other.
  hello: 1,
  welcome: 2,
  proof: 3,
  ready: 4,
  // Between the ends of one link.
  ping: 5,
  pong: 6,
  advert: 7,
  statement: 8,
  // Along a path of peers.
  request: 16,
  response: 17,
  undelivered: 18,
  cancel: 19,
  progress: 20,
  message: 21,
} as const;

export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

const known: ReadonlySet<unknown> = new Set(Object.values(FrameKind));

export function isFrameKind(value: unknown): value is FrameKind {
  return known.has(value);
}

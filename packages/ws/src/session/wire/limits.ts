// Limits of the wire, the same for everybody, so that both ends can rely on them. PROTOCOL.md lists them.

/** The version of the wire that this is. */
export const VERSION = 2;
/** What made ids end with, in UTF-16 code units: with a dot and a number before it, it is a name still. */
export const MAX_MAKER_LENGTH = 64;
/** Names of sessions, epochs, methods and messages, in UTF-16 code units. */
export const MAX_NAME_LENGTH = 128;
export const MAX_TOKEN_LENGTH = 8_192;
/** Arrays and objects inside each other in a body, in parameters or in a result. */
export const MAX_DEPTH = 64;
/** A hello or a welcome is small; a larger first frame is not read. */
export const MAX_HELLO_BYTES: number = 16 * 1024;
/** The most messages a window may hold: a receiver remembers at least as many ids. */
export const MAX_WINDOW = 1_024;
/** What an envelope adds to a body at most: names, numbers, brackets, an id escaped to six bytes a unit. */
export const ENVELOPE_BYTES = 1_024;
/** Requests under way in one direction of a link. */
export const MAX_REQUESTS = 256;
/** The shortest and longest time between two signs of life, in ms. */
export const MIN_PING_MS = 10;
export const MAX_PING_MS = 300_000;
/** After so many of the other side's pings without a sign of life its link counts as dead. */
export const SILENT_PINGS = 3;
/** What leaves together, in one frame where the link allows: a frame holds others up for as long as it takes. */
export const MAX_BATCH_BYTES: number = 64 * 1024;
/** Encoded answers and requests that may wait for room in a link together, in UTF-16 units; others wait as they are. */
export const MAX_UNSENT: number = 1024 * 1024;

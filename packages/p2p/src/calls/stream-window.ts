/**
 * What a callee may send of a call's stream before the caller has said anything, in bytes: also what a caller may hold of
 * one that nobody reads. Both ends count with it.
 */
export const STREAM_WINDOW_BYTES: number = 1024 * 1024;

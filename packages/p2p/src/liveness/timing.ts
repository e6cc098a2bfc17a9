import { assertPositive } from "@net/core";

/** A call without an answer for this long, in ms, is a reason to ask whether the peer is there at all. */
const OWED_SILENCE = 500;
/** Between two probes that ask the same question, in ms: while it may be answered any moment, and once it is suspected. */
const REPEAT = 250;
const SUSPECT_REPEAT = 500;
/** Between two rounds of asking others and the lifeline, in ms. */
const ROUND = 2_000;
/** How often a peer that says it is busy is asked whether it still is, in ms. */
const BUSY_REPEAT = 1_000;
/** How long a link has at least to prove itself after there was a reason to think that it is stale, in ms. */
const DOUBT = 500;
/** The least heartbeat that limits of death are made from, in ms: a blocked event loop is not a dead process. */
const LEAST_BEAT = 1_000;

/** When which conclusion is drawn about a neighbour, in ms. */
export interface LivenessTiming {
  /** Nothing was heard for so long, and it is this end's turn to probe. */
  readonly idleMs: number;
  /** Nothing was heard for so long, although it was the other end's turn. */
  readonly idleBackupMs: number;
  /** The last round trip was measured so long ago. */
  readonly measureMs: number;
  /** Nothing was heard for so long while an answer is owed. */
  readonly owedMs: number;
  readonly repeatMs: number;
  readonly suspectRepeatMs: number;
  readonly roundMs: number;
  readonly busyRepeatMs: number;
  readonly doubtMs: number;
  /** Silent, and all who were asked find it silent too; or only the link is. */
  readonly leastDeadMs: number;
  /** Silent, and nobody else knows anything. */
  readonly mostDeadMs: number;
  /** It speaks, or at least reads, but no probe is answered. */
  readonly deafDeadMs: number;
  /** Its process lives, its main thread is blocked. */
  readonly blockedDeadMs: number;
  /** Who did not run for so long may have been given up by others. */
  readonly wakeMs: number;
}

/**
 * The limits that follow from the one option that users set.
 *
 * From falling silent to dead it takes at most 1.25 + 2.5 beats: an idle link is probed after one beat by one end, after
 * one and a quarter by the other. With 1.5 beats as the least, a main thread that is blocked for a beat is never taken
 * for dead, whoever says what.
 *
 * @throws ValidationError
 */
export function livenessTiming(heartbeatInterval: number): LivenessTiming {
  const idleMs = assertPositive(heartbeatInterval, "heartbeatInterval");
  const beatMs = Math.max(LEAST_BEAT, idleMs);
  return {
    idleMs,
    idleBackupMs: 1.25 * idleMs,
    measureMs: 2.5 * idleMs,
    owedMs: Math.min(OWED_SILENCE, idleMs),
    repeatMs: REPEAT,
    suspectRepeatMs: SUSPECT_REPEAT,
    roundMs: ROUND,
    busyRepeatMs: BUSY_REPEAT,
    doubtMs: DOUBT,
    leastDeadMs: 1.5 * beatMs,
    mostDeadMs: 2.5 * beatMs,
    deafDeadMs: 6 * beatMs,
    blockedDeadMs: 12 * beatMs,
    wakeMs: 1.5 * beatMs,
  };
}

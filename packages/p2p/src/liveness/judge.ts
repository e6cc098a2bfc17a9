import { suspicionTimeoutMs } from "./suspicion.ts";
import type { LivenessTiming } from "./timing.ts";
import type { Finding } from "./verdict.ts";

/** What is known of a neighbour at one moment. Times are those in which this process listened, the shorter the worse it ran. */
export interface Evidence {
  /** Since the first probe that no answer settled; undefined if none waits. */
  readonly unansweredMs: number | undefined;
  /** Since the last frame of it, but not longer than that. */
  readonly silentMs: number;
  /** From when on silence means something. */
  readonly suspectMs: number;
  /** It reads: a link that was full has taken frames again, lately. */
  readonly reads: boolean;
  /** What its lifeline said lately. */
  readonly mainThread: "runs" | "blocked" | "unknown";
  /** Others have heard of it lately. */
  readonly isReached: boolean;
  /** How many others found it silent too, and of how many that is enough. */
  readonly confirmations: number;
  readonly enough: number;
  /** It said that it is busy. */
  readonly saysBusy: boolean;
  /** There is a reason to think that the link is stale. */
  readonly isDoubted: boolean;
}

interface Explanation extends Finding {
  /** Of silence, until it counts as dead. */
  readonly deadMs: number;
}

/** What the evidence means. */
export function judge(evidence: Evidence, timing: LivenessTiming): Finding {
  const { unansweredMs, silentMs, suspectMs } = evidence;
  if (unansweredMs === undefined || unansweredMs < suspectMs) return answering(evidence);
  if (silentMs < suspectMs) return deaf(unansweredMs, evidence, timing);
  const { state, reason, deadMs } = explain(evidence, timing);
  // Silence begins anew with every frame, so that what speaks now and then, but never answers, needs a limit too.
  const isOver = silentMs >= deadMs || unansweredMs >= timing.blockedDeadMs;
  return { state: isOver ? "dead" : state, reason };
}

function answering({ saysBusy }: Evidence): Finding {
  return saysBusy ? { state: "busy", reason: "says-so" } : { state: "alive", reason: "answers" };
}

/** It is heard, but does not answer: what we send does not get there, or gets there very late. */
function deaf(unansweredMs: number, evidence: Evidence, timing: LivenessTiming): Finding {
  if (unansweredMs >= timing.deafDeadMs) return { state: "dead", reason: "deaf" };
  // The answer may be right behind what was just heard.
  if (unansweredMs < 2 * evidence.suspectMs) return answering(evidence);
  return { state: "busy", reason: "deaf" };
}

/** The strongest sign of life first. */
function explain(evidence: Evidence, timing: LivenessTiming): Explanation {
  const { mainThread, reads, isReached, isDoubted, suspectMs } = evidence;
  if (mainThread === "blocked") {
    return { state: "busy", reason: "blocked", deadMs: timing.blockedDeadMs };
  }
  if (reads) return { state: "busy", reason: "reads-slowly", deadMs: timing.deafDeadMs };
  if (isDoubted) {
    return { state: "suspect", reason: "stale", deadMs: Math.max(suspectMs, timing.doubtMs) };
  }
  if (isReached || mainThread === "runs") {
    return { state: "suspect", reason: "link", deadMs: timing.leastDeadMs };
  }
  const deadMs = suspicionTimeoutMs(evidence.confirmations, evidence.enough, timing);
  return { state: "suspect", reason: "silent", deadMs };
}

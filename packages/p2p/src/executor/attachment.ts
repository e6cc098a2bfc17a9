import { ValidationError } from "@net/core";
import { assertValue, having, type Rule } from "@net/core/options";
import type { RetryPolicy } from "@net/qos";
import type { ToolCandidate, ToolRouter } from "@net/routing";
import type { CallQuality } from "../calls/call-quality.ts";
import type { Invocation } from "../calls/question.ts";
import type { ResultLedger } from "../ledger/result-ledger.ts";
import type { LivenessState } from "../liveness/verdict.ts";
import type { Outcome } from "../tools/outcome.ts";

/** What an executor needs of a network. */
export interface ExecutionNetwork {
  /** This peer. */
  readonly peerId: string;
  readonly capabilities: readonly string[];
  readonly quality: CallQuality;
  /** What this peer ran by key for itself and for others. Default: the executor keeps one of its own. */
  readonly ledger?: ResultLedger;
  /** Whose keys those of this peer's own calls are, as other peers see it. Default: the peer's id. */
  readonly owner?: string;
  /** The other peers that can be reached now. As long as it is the same list, so is what it holds. */
  candidates(): readonly ToolCandidate[];
  isIdempotent(peerId: string, tool: string): boolean;
  invoke(peerId: string, invocation: Invocation): Promise<Outcome>;
  /**
   * The same without a promise: calls back once, maybe before it returns, and may say when the call ended, by the clock's
   * monotonic time. Default: by `invoke`.
   */
  ask?(
    peerId: string,
    invocation: Invocation,
    onOutcome: (outcome: Outcome, endMs?: number) => void,
  ): void;
  /** Whether a peer answers: who does not gets no new work while others can do it. Default: everybody is alive. */
  state?(peerId: string): LivenessState;
  /** Calls back once, when a peer that was not so becomes suspect or dead; disposing of the result stops that. */
  onSuspect?(peerId: string, callback: () => void): Disposable;
  /**
   * What tells one start of a peer's process from the next, as far as the sessions go that carry calls there; undefined while
   * it cannot be reached. Without it nobody can tell whether a peer still knows its keyed calls, so that none is asked for again.
   */
  incarnation?(peerId: string): string | undefined;
  /** The policy of `tool-call` at this moment. Default: nothing is tried again once all peers were. */
  retryPolicy?(): RetryPolicy | undefined;
}

/** Routers know nothing of networks: which one a router chooses for is kept here, as long as the router lives. */
const networks = new WeakMap<ToolRouter, ExecutionNetwork>();

/** A router of another copy of the library does as well. */
export const toolRouter: Rule = having<ToolRouter>("a ToolRouter", ["choose", "rank"]);

/** @throws ValidationError if it is no router, or was attached to another network. */
export function attachRouter(router: ToolRouter, network: ExecutionNetwork): void {
  assertValue(router, toolRouter, "the router to attach");
  const attached = networks.get(router);
  if (attached && attached !== network) {
    throw new ValidationError("this router is attached to another network already");
  }
  networks.set(router, network);
}

/** The network that a router chooses for; undefined while it is local only. */
export function networkOf(router: ToolRouter): ExecutionNetwork | undefined {
  return networks.get(router);
}

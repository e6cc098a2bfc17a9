import { ValidationError } from "@net/core";
import type { ToolCandidate, ToolRouter } from "@net/routing";
import type { CallQuality } from "../calls/call-quality.ts";
import type { Invocation } from "../calls/outgoing.ts";
import type { Outcome } from "../tools/outcome.ts";

/** What an executor needs of a network. */
export interface ExecutionNetwork {
  /** This peer. */
  readonly peerId: string;
  readonly capabilities: readonly string[];
  readonly quality: CallQuality;
  /** The other peers that can be reached now. */
  candidates(): ToolCandidate[];
  isIdempotent(peerId: string, tool: string): boolean;
  invoke(peerId: string, invocation: Invocation): Promise<Outcome>;
}

/** Routers know nothing of networks: which one a router chooses for is kept here, as long as the router lives. */
const networks = new WeakMap<ToolRouter, ExecutionNetwork>();

/** @throws ValidationError if the router was attached to another network. */
export function attachRouter(router: ToolRouter, network: ExecutionNetwork): void {
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

import { isRecord } from "@net/core";
import type { LinkStateAdvert } from "../link-state/advert.ts";
import { areNames, invalid, isName, NAME_RULE, NAMES_RULE, nameSet } from "../names.ts";
import type { LocalLink } from "./local-links.ts";
import type { Reach } from "./routes.ts";

/** What the caller knows of a peer, for instance from a handshake. */
export interface PeerInfo {
  readonly peerId: string;
  /** What people call it. */
  readonly name?: string | undefined;
  readonly capabilities?: readonly string[] | undefined;
  /** Names of the tools it runs for others. */
  readonly tools?: readonly string[] | undefined;
}

/** Everything known of a peer. One that is reachable is a `ToolCandidate` as it stands. */
export interface KnownPeer {
  readonly peerId: string;
  readonly name?: string;
  readonly capabilities: readonly string[];
  /** The tools it runs for others, each as `name` or `name@version`. */
  readonly tools: readonly string[];
  /** Changes when anything about its tools does. */
  readonly toolsDigest?: string;
  /** What it can be picked by, each as `key=value`. */
  readonly labels: readonly string[];
  /** Whether it passes on what is for others. */
  readonly relay: boolean;
  /** How busy it says it is: 0 idle, 1 full. 0 until it advertises. */
  readonly load: number;
  /** Whether there is a route to it now. */
  readonly reachable: boolean;
  /** The cost of that route. */
  readonly pathCostUs?: number;
  /** How many links that route has: 1 is a neighbour. */
  readonly hops?: number;
  /** The link of this node to it, if there is one. */
  readonly link?: LocalLink;
}

/** Where the knowledge of one peer comes from. */
export interface PeerSources {
  readonly added: PeerInfo | undefined;
  readonly advert: LinkStateAdvert | undefined;
  readonly link: LocalLink | undefined;
  readonly reach: Reach | undefined;
}

/** Checks and copies. @throws ValidationError */
export function readPeerInfo(peer: PeerInfo): PeerInfo {
  if (!isRecord(peer)) throw invalid("an object", "peer");
  const { peerId, name, capabilities = [], tools = [] } = peer;
  assertPeerId(peerId);
  if (name !== undefined && !isName(name)) throw invalid(NAME_RULE, "peer", "name");
  if (!areNames(capabilities)) throw invalid(NAMES_RULE, "peer", "capabilities");
  if (!areNames(tools)) throw invalid(NAMES_RULE, "peer", "tools");
  return { peerId, name, capabilities: nameSet(capabilities), tools: nameSet(tools) };
}

/** Whether two read ones say the same. */
export function samePeerInfo(a: PeerInfo, b: PeerInfo): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** @throws ValidationError */
export function assertPeerId(peerId: string): void {
  if (!isName(peerId)) throw invalid(NAME_RULE, "peerId");
}

/** Puts it together. What the peer itself advertises outranks what the caller added. */
export function knownPeer(peerId: string, { added, advert, link, reach }: PeerSources): KnownPeer {
  const name = advert?.name ?? added?.name;
  return {
    peerId,
    ...(name !== undefined && { name }),
    capabilities: advert?.capabilities ?? added?.capabilities ?? [],
    tools: advert?.tools ?? added?.tools ?? [],
    ...(advert?.toolsDigest !== undefined && { toolsDigest: advert.toolsDigest }),
    labels: advert?.labels ?? [],
    relay: advert?.relay ?? true,
    load: advert?.load ?? 0,
    reachable: reach !== undefined,
    ...reach,
    ...(link && { link }),
  };
}

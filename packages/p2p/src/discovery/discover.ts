import { AsyncQueue, type Clock, type Logger, silentLogger, systemClock } from "@net/core";
import { hostAndPort } from "../address.ts";
import { DEFAULT_NETWORK_ID, invalid } from "../names.ts";
import { Browser } from "./browser.ts";
import { type MdnsOptions, readMdnsOptions } from "./mdns-options.ts";
import type { Announced, Sighting } from "./service.ts";

/** The most nodes remembered; more would be a flood, not a network. */
const MAX_NODES = 1_024;

/** Somebody to dial. Nothing here is proved: who it is, the handshake tells. */
export interface FoundNode {
  /** Where to dial it. */
  readonly address: string;
  readonly host: string;
  readonly port: number;
  readonly source: "mdns" | "manual";
  /** What it says it is; unknown for a manual address. */
  readonly peerId?: string;
  readonly name?: string;
}

export interface DiscoverOptions {
  /** Asks by multicast DNS, on the loopback interface unless an interface is named. Default false. */
  readonly mdns?: boolean | MdnsOptions;
  /** Addresses that are known. */
  readonly manual?: readonly string[];
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/**
 * Finds peers, each once for every address it has, and once more when it comes back after a goodbye. Goes on until it
 * is left or aborted; with manual addresses only, it ends after them.
 *
 * @throws ValidationError; ConnectionError if the interface cannot be used; AbortedError.
 * @example
 * ```ts
 * for await (const node of discoverNodes({ mdns: true, signal })) await network.connect(node.address);
 * ```
 */
export async function* discoverNodes(
  options: DiscoverOptions,
): AsyncGenerator<FoundNode, void, undefined> {
  const { manual = [], signal, clock = systemClock, logger = silentLogger } = options;
  const settings = readMdnsOptions(options.mdns, DEFAULT_NETWORK_ID);
  yield* manual.map(manualNode);
  if (!settings) return;
  const found = new AsyncQueue<FoundNode>({ capacity: MAX_NODES });
  const news = new News();
  const onSighting = (sighting: Sighting): void => {
    if (news.isNews(sighting)) found.push(announcedNode(sighting.peer));
  };
  await using _browser = await Browser.start({ settings, clock, logger, onSighting });
  for (let node = await found.take({ signal }); node; node = await found.take({ signal })) {
    yield node;
  }
}

/** Which announcements were seen already. */
class News {
  readonly #seen = new Set<string>();

  isNews({ peer, gone }: Sighting): boolean {
    const key = `${peer.peerId}\n${peer.address}`;
    if (gone) this.#seen.delete(key);
    if (gone || this.#seen.has(key) || this.#seen.size >= MAX_NODES) return false;
    this.#seen.add(key);
    return true;
  }
}

function announcedNode({ peerId, peerName, address }: Announced): FoundNode {
  return { ...nodeAt(address), source: "mdns", peerId, name: peerName };
}

function manualNode(address: string): FoundNode {
  return { ...nodeAt(address), source: "manual" };
}

function nodeAt(address: string): Pick<FoundNode, "address" | "host" | "port"> {
  const at = hostAndPort(address);
  if (!at) throw invalid("an address to discover", "one with a host and a port");
  return { address, ...at };
}

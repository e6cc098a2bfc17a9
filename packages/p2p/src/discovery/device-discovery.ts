import { deadline, NetworkError, systemClock } from "@net/core";
import { discoverNodes } from "./discover.ts";
import type { DiscoverOptions } from "./discover-options.ts";
import { assertDiscoverOptions } from "./discover-rules.ts";
import type { FoundNode } from "./nodes/found-node.ts";
import { Search } from "./search.ts";

/** How long {@link DeviceDiscovery.discover} listens unless told otherwise, in ms. */
const DEFAULT_DURATION = 2_000;

/**
 * Finds the peers around, as a list for now instead of a stream.
 *
 * @example
 * ```ts
 * const discovery = new DeviceDiscovery({ mdns: true });
 * for (const [name, { host, port }] of await discovery.discover()) console.log(`${name} at ${host}:${port}`);
 * ```
 */
export class DeviceDiscovery {
  readonly #options: Omit<DiscoverOptions, "signal">;

  /** @param options the ways in which to look for them. Default: by multicast DNS and UDP broadcast, on this machine. @throws ValidationError */
  constructor(options: Omit<DiscoverOptions, "signal"> = { mdns: true, broadcast: true }) {
    assertDiscoverOptions(options);
    this.#options = options;
  }

  /** Peers as they are found, until `signal` aborts or the loop is left. */
  nodes(signal?: AbortSignal): AsyncIterable<FoundNode> {
    return discoverNodes({ ...this.#options, signal });
  }

  /**
   * The peers that are there after `duration` ms (default 2000), or sooner where nothing more can come; by id, or by
   * address where that is all that is known. Of two with one id the one that is verified counts.
   *
   * @throws as {@link discoverNodes}
   */
  async discover({
    duration = DEFAULT_DURATION,
    signal,
  }: {
    readonly duration?: number;
    readonly signal?: AbortSignal;
  } = {}): Promise<Map<string, FoundNode>> {
    using limit = deadline(duration, signal, { clock: this.#options.clock ?? systemClock });
    await using search = await Search.start({ ...this.#options, signal: limit.signal });
    try {
      while (await search.next(limit.signal));
    } catch (error) {
      if (signal?.aborted || !NetworkError.is(error, "DEADLINE_EXCEEDED")) throw error;
    }
    const nodes = search.nodes.toSorted((a, b) => Number(a.verified) - Number(b.verified));
    return new Map(nodes.map((node) => [node.peerId ?? node.address, node]));
  }
}

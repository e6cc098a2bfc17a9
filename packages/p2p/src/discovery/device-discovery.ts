import { deadline, NetworkError, systemClock } from "@net/core";
import { type DiscoverOptions, discoverNodes, type FoundNode } from "./discover.ts";

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

  constructor(options: Omit<DiscoverOptions, "signal"> = { mdns: true }) {
    this.#options = options;
  }

  /** Peers as they are found, until `signal` aborts or the loop is left. */
  nodes(signal?: AbortSignal): AsyncIterable<FoundNode> {
    return discoverNodes({ ...this.#options, signal });
  }

  /**
   * The peers that are found within `duration` ms (default 2000), by id, or by address where that is all that is known.
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
    const found = new Map<string, FoundNode>();
    using limit = deadline(duration, signal, { clock: this.#options.clock ?? systemClock });
    try {
      for await (const node of this.nodes(limit.signal))
        found.set(node.peerId ?? node.address, node);
    } catch (error) {
      if (signal?.aborted || !NetworkError.is(error, "DEADLINE_EXCEEDED")) throw error;
    }
    return found;
  }
}

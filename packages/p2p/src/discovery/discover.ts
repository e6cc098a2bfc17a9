import type { DiscoverOptions } from "./discover-options.ts";
import type { FoundNode } from "./nodes/found-node.ts";
import { Search, type SearchParts } from "./search.ts";

export type { DiscoverOptions } from "./discover-options.ts";
export type { FoundNode } from "./nodes/found-node.ts";

/**
 * Finds peers: each device once, whichever ways it is found in, and again, with all that is known by then, when it has
 * another address, or comes back after it had left. Goes on until it is left or aborted; with manual addresses and
 * ranges only, it ends after them.
 *
 * @throws ValidationError; ConnectionError if no interface can be used; AbortedError.
 * @example
 * ```ts
 * for await (const node of discoverNodes({ mdns: true, signal })) await network.connect(node.address);
 * ```
 */
export function discoverNodes(
  options: DiscoverOptions,
): AsyncGenerator<FoundNode, void, undefined> {
  return searchNodes(options);
}

/** {@link discoverNodes}, with parts that tests put in. */
export async function* searchNodes(
  options: DiscoverOptions,
  parts?: SearchParts,
): AsyncGenerator<FoundNode, void, undefined> {
  await using search = await Search.start(options, parts);
  const { signal } = options;
  for (let node = await search.next(signal); node; node = await search.next(signal)) yield node;
}

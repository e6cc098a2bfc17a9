import { type Rng, silentLogger, systemClock, systemRng, throwIfAborted } from "@net/core";
import { assertName, DEFAULT_NETWORK_ID, invalid } from "../names.ts";
import { type BroadcastSettings, readBroadcastOptions } from "./broadcast/options.ts";
import type { DiscoverOptions } from "./discover-options.ts";
import { assertDiscoverOptions } from "./discover-rules.ts";
import type { MdnsMedium } from "./mdns/medium.ts";
import { type MdnsSettings, readMdnsOptions } from "./mdns-options.ts";
import type { FoundNode } from "./nodes/found-node.ts";
import { NodeFeed } from "./nodes/node-feed.ts";
import { type RangeSettings, readRangeOptions } from "./range/options.ts";
import type { Rendezvous } from "./rendezvous/rendezvous.ts";
import { openBroadcastSource } from "./sources/broadcast-source.ts";
import type { SourceContext } from "./sources/context.ts";
import { runManualSource } from "./sources/manual-source.ts";
import { openMdnsSource } from "./sources/mdns-source.ts";
import { runRangeSource } from "./sources/range-source.ts";
import { runRendezvousSource } from "./sources/rendezvous-source.ts";

/** What tests put in place of this machine. */
export interface SearchParts {
  readonly medium?: MdnsMedium | undefined;
  readonly rng?: Rng | undefined;
}

/** The ways in which peers are looked for. */
interface Ways {
  readonly manual: readonly string[];
  readonly mdns: MdnsSettings | undefined;
  readonly broadcast: BroadcastSettings | undefined;
  readonly range: RangeSettings | undefined;
  readonly rendezvous: Rendezvous | undefined;
}

/** A search for peers in all the ways that were asked for, until it is disposed. */
export class Search implements AsyncDisposable {
  readonly #ways: Ways;
  readonly #medium: MdnsMedium | undefined;
  readonly #context: SourceContext;
  readonly #over = new AbortController();
  readonly #open: AsyncDisposable[] = [];
  readonly #running: Promise<void>[] = [];

  private constructor(options: DiscoverOptions, { medium, rng = systemRng }: SearchParts) {
    const { clock = systemClock, logger = silentLogger, trust, self, identify } = options;
    const networkId = networkIdOf(options);
    this.#ways = readWays(options, networkId);
    this.#medium = medium;
    const feed = new NodeFeed({ networkId, trust, self, clock, logger });
    const { signal } = this.#over;
    this.#context = { feed, networkId, identify, clock, rng, logger, signal };
  }

  /** @throws ValidationError; ConnectionError if no interface can be used; AbortedError. */
  static async start(options: DiscoverOptions, parts: SearchParts = {}): Promise<Search> {
    assertDiscoverOptions(options);
    throwIfAborted(options.signal);
    const search = new Search(options, parts);
    try {
      await search.#start();
      throwIfAborted(options.signal);
      return search;
    } catch (error) {
      await search[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** All that was found and is not gone. */
  get nodes(): readonly FoundNode[] {
    return this.#context.feed.nodes;
  }

  /** The next news; undefined when nothing more can come. @throws AbortedError, and what ended the search. */
  async next(signal: AbortSignal | undefined): Promise<FoundNode | undefined> {
    return await this.#context.feed.take(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    this.#context.feed.end();
    await Promise.all(this.#open.map((each) => each[Symbol.asyncDispose]()));
    await Promise.all(this.#running);
  }

  async #start(): Promise<void> {
    const { manual, range, mdns, broadcast, rendezvous } = this.#ways;
    const finite = [runManualSource(manual, this.#context)];
    if (range) finite.push(runRangeSource(range, this.#context));
    this.#running.push(this.#end(finite, !mdns && !broadcast && !rendezvous));
    if (mdns) this.#open.push(await openMdnsSource(mdns, this.#context, this.#medium));
    if (broadcast) this.#open.push(await openBroadcastSource(broadcast, this.#context));
    if (rendezvous) this.#running.push(runRendezvousSource(rendezvous, this.#context));
  }

  /** What fails ends the search; where nothing goes on for ever, so does coming to the end. */
  async #end(finite: readonly Promise<void>[], isAll: boolean): Promise<void> {
    try {
      await Promise.all(finite);
      if (isAll) this.#context.feed.end();
    } catch (error) {
      this.#context.feed.end(error);
    }
  }
}

function readWays(options: DiscoverOptions, networkId: string): Ways {
  const { manual = [], rendezvous, range } = options;
  return {
    ...{ manual, rendezvous, range: readRangeOptions(range) },
    mdns: readMdnsOptions(options.mdns, networkId),
    broadcast: readBroadcastOptions(options.broadcast),
  };
}

/** @throws ValidationError if two are named. */
function networkIdOf({ networkId, mdns }: DiscoverOptions): string {
  const ofMdns = typeof mdns === "object" ? mdns.networkId : undefined;
  if (networkId !== undefined && ofMdns !== undefined && networkId !== ofMdns) {
    throw invalid("networkId", "the same as that of mdns: a search is for one network");
  }
  return assertName(networkId ?? ofMdns ?? DEFAULT_NETWORK_ID, "networkId");
}

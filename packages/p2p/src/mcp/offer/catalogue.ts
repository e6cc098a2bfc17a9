import { abortable, type Clock, type Logger, type Timer } from "@net/core";
import type { MeshNetwork } from "../network.ts";
import { type OfferedTool, type OfferPolicy, offeredTools } from "./offered-tools.ts";

export interface CatalogueOptions {
  readonly network: MeshNetwork;
  readonly policy: OfferPolicy;
  /** Called when what is offered has changed since somebody was told. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long changes are collected before the mesh is asked again, in ms: a topology in motion must not cost questions. */
const PAUSE = 250;

type Tools = ReadonlyMap<string, OfferedTool>;

/** The tools of the mesh, as they were last heard of: asked for when somebody wants them, kept until something changes. */
export class Catalogue {
  readonly #options: CatalogueOptions;
  readonly #closing = new AbortController();
  readonly #unwatch: () => void;
  #tools: Tools | undefined;
  #loading: Promise<Tools> | undefined;
  #isStale = true;
  #pause: Timer | undefined;

  constructor(options: CatalogueOptions) {
    this.#options = options;
    this.#unwatch = options.network.watchTools(() => this.#changed());
  }

  /** All that is offered. @throws AbortedError */
  async tools(signal?: AbortSignal): Promise<Tools> {
    if (this.#tools && !this.#isStale) return this.#tools;
    return await abortable(this.#load(), signal);
  }

  /** A tool, also one that appeared since the last look. @throws AbortedError */
  async find(name: string, signal?: AbortSignal): Promise<OfferedTool | undefined> {
    const known = this.#tools?.get(name);
    return known ?? (await this.tools(signal)).get(name);
  }

  close(): void {
    this.#unwatch();
    this.#pause?.cancel();
    this.#closing.abort();
  }

  /** Nobody is told of a change of what nobody has seen. */
  #changed(): void {
    this.#isStale = true;
    if (!this.#tools) return;
    this.#pause ??= this.#options.clock.setTimeout(() => this.#reload(), PAUSE);
  }

  #reload(): void {
    this.#pause = undefined;
    this.#load().catch((error: unknown) => {
      const { signal } = this.#closing;
      if (!signal.aborted) this.#options.logger.warn({ error }, "the mesh's tools are not known");
    });
  }

  #load(): Promise<Tools> {
    this.#loading ??= this.#loadUntilFresh().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #loadUntilFresh(): Promise<Tools> {
    const { network, policy, onChange } = this.#options;
    const { signal } = this.#closing;
    const before = this.#tools;
    let tools: Tools = new Map();
    while (this.#isStale) {
      this.#isStale = false;
      try {
        tools = offeredTools(await network.peerTools({ signal }), policy);
      } catch (error) {
        this.#isStale = true;
        throw error;
      }
    }
    this.#tools = tools;
    if (before && !isSame(before, tools)) onChange();
    return tools;
  }
}

function isSame(one: Tools, other: Tools): boolean {
  return JSON.stringify([...one]) === JSON.stringify([...other]);
}

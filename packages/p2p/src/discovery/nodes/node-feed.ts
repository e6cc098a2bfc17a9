import { AsyncQueue, type Clock, type Logger } from "@net/core";
import { type PeerRecord, readRecord } from "../record/peer-record.ts";
import type { FoundNode, NodeSource } from "./found-node.ts";
import { NodeTable } from "./node-table.ts";
import { factsOf, type Sighting } from "./sighting.ts";
import { isTrusted, type NodeTrust } from "./trust.ts";

/** News that wait to be taken; each node is among them once. */
const CAPACITY = 2_048;

export interface NodeFeedOptions {
  readonly networkId: string;
  readonly trust: NodeTrust | undefined;
  /** The key of one's own device, which is not told of. */
  readonly self: Uint8Array | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Where all sources come together: takes what they say, and gives the nodes that are news. */
export class NodeFeed {
  readonly #options: NodeFeedOptions;
  readonly #table = new NodeTable();
  readonly #news = new AsyncQueue<string>({ capacity: CAPACITY });
  readonly #waiting = new Set<string>();

  constructor(options: NodeFeedOptions) {
    this.#options = options;
  }

  /** All nodes that are known now. */
  get nodes(): readonly FoundNode[] {
    return this.#table.nodes;
  }

  add(sighting: Sighting): void {
    const { trust, clock } = this.#options;
    if (this.#news.ended || this.#isSelf(sighting) || !isTrusted(sighting, trust)) return;
    const key = this.#table.add(sighting, clock.nowMs());
    if (key === undefined || this.#waiting.has(key)) return;
    if (this.#news.push(key) !== "refused") this.#waiting.add(key);
  }

  remove(source: NodeSource, via: string): void {
    this.#table.remove({ source, via });
  }

  /** Takes a record that came as bytes. Gives the name under which it is removed again, if it is a good one. */
  addRecord(source: NodeSource, bytes: Uint8Array, link = ""): string | undefined {
    const record = this.read(source, bytes);
    if (!record) return undefined;
    const via = `${link} ${Buffer.from(record.publicKey).toString("base64url")} ${record.peerId}`;
    this.add({ kind: "signed", source, via, record });
    return via;
  }

  /** The record of a peer of this network; a forged one is dropped, and noted. */
  read(source: NodeSource, bytes: Uint8Array): PeerRecord | undefined {
    const { networkId, logger } = this.#options;
    try {
      const record = readRecord(bytes);
      return record.networkId === networkId ? record : undefined;
    } catch (error) {
      logger.debug({ error, source }, "a peer's record was dropped");
      return undefined;
    }
  }

  /** The next node that is new, or has an address that it had not; undefined at the end. @throws AbortedError */
  async take(signal: AbortSignal | undefined): Promise<FoundNode | undefined> {
    for (;;) {
      const key = await this.#news.take({ signal });
      if (key === undefined) return undefined;
      this.#waiting.delete(key);
      const node = this.#table.get(key);
      if (node) return node;
    }
  }

  /** No more comes; with an error, whoever takes learns it. */
  end(error?: unknown): void {
    this.#news.end(error);
  }

  #isSelf(sighting: Sighting): boolean {
    const [{ self }, { publicKey }] = [this.#options, factsOf(sighting)];
    return self !== undefined && publicKey !== undefined && Buffer.compare(self, publicKey) === 0;
  }
}

import type { PartitionView, PeerNetwork, PublishedMessage } from "@net/p2p";
import type { History } from "./history.ts";

/** To which all peers are subscribed. */
export const TOPIC = "news";

/** Writes down what a peer tells of the others. */
export class Witness {
  /** Neighbours that were found dead. */
  readonly dead: string[] = [];
  /** What it told last of a network that fell apart; undefined once that is whole. */
  partition: Pick<PartitionView, "members" | "lost" | "majority"> | undefined;
  /** How often a link came to be. */
  connected = 0;

  readonly #history: History;
  readonly #news = new Set<string>();

  constructor(network: PeerNetwork, history: History) {
    this.#history = history;
    network.subscribe(TOPIC, (message) => this.#heard(message));
    network.on("peer:state", (peerId, state, reason) => {
      if (state === "dead") this.dead.push(`${peerId} ${reason}`);
    });
    network.on("peer:connected", () => {
      this.connected += 1;
    });
    network.on("partition:detected", (view) => this.#told(view));
    network.on("partition:healed", (view) => this.#told(view));
  }

  hasHeard(text: string): boolean {
    return this.#news.has(text);
  }

  #heard({ from, data }: PublishedMessage): void {
    const text = String(data);
    if (this.#news.has(text)) this.#history.complain(`came twice: ${text}`);
    if (!text.startsWith(`${from}#`)) this.#history.complain(`not of ${from}: ${text}`);
    this.#news.add(text);
  }

  #told({ members, lost, majority }: PartitionView): void {
    this.partition = lost.length > 0 ? { members, lost, majority } : undefined;
  }
}

import { ClosedError, EventPublisher, NetworkError } from "@net/core";
import { assertName } from "../names.ts";
import { AdvertGossip } from "./adverts/advert-gossip.ts";
import type { PeerAdvert } from "./adverts/peer-advert.ts";
import type { Broadcast } from "./broadcast/message.ts";
import { SpanningTree, type TreeStats } from "./broadcast/spanning-tree.ts";
import type { GossipEvents, GossipOptions } from "./gossip-options.ts";
import { type GossipParts, gossipParts } from "./gossip-parts.ts";
import { GossipKind } from "./kinds.ts";
import type { Neighbour } from "./neighbour.ts";
import { decodePayload, encodePayload } from "./payload.ts";
import { type PublishOptions, PubSub } from "./pubsub/pub-sub.ts";
import type { SubscribeOptions, Subscription, TopicHandler } from "./pubsub/subscription.ts";

const DEFAULT_MAX_MESSAGE_BYTES: number = 1024 * 1024;

/**
 * What peers tell all others: adverts, broadcasts, publications. Everything is signed by the device it comes from, and
 * is verified before it is taken or passed on. It holds no links: neighbours are handed in, and their frames.
 */
export class Gossip extends EventPublisher<GossipEvents> {
  readonly #options: GossipOptions;
  readonly #parts: GossipParts;
  readonly #adverts: AdvertGossip;
  readonly #tree: SpanningTree;
  readonly #pubSub: PubSub;
  /** By id: of a peer that comes back before its old link is gone, the new link. */
  readonly #neighbours = new Map<string, Neighbour>();
  #stopped = false;

  constructor(options: GossipOptions) {
    super();
    this.#options = options;
    this.#parts = gossipParts(options);
    this.#pubSub = this.#makePubSub();
    this.#adverts = this.#makeAdverts();
    this.#tree = this.#makeTree();
  }

  get stats(): TreeStats {
    return this.#tree.stats;
  }

  /** What another peer says of itself, while it is there. */
  advertOf(peerId: string): PeerAdvert | undefined {
    return this.#adverts.of(peerId);
  }

  /** There is a link to that peer: it hears of this one first, then of what it lacks. */
  linked(neighbour: Neighbour): void {
    if (this.#stopped) return;
    this.#neighbours.set(neighbour.peerId, neighbour);
    this.#adverts.linked(neighbour);
    this.#tree.linked(neighbour);
  }

  unlinked(neighbour: Neighbour): void {
    const { peerId } = neighbour;
    if (this.#neighbours.get(peerId) === neighbour) this.#neighbours.delete(peerId);
    this.#adverts.unlinked(neighbour);
    this.#tree.unlinked(neighbour);
  }

  /**
   * Takes a frame of a neighbour. What is not signed by whom it names is left out; too much of it, and that neighbour
   * is not listened to for a while.
   *
   * @throws ProtocolError if it is malformed, which no honest neighbour passes on.
   */
  receive(from: Neighbour, kind: GossipKind, body: Uint8Array): void {
    if (this.#stopped) return;
    const fields = this.#parts.codec.decode(body);
    if (kind < GossipKind.broadcast) this.#adverts.receive(from, kind, fields);
    else this.#tree.receive(from, kind, fields);
  }

  /** What `describe` says may have changed: tells all peers soon, if it has. Links it watches itself. */
  announce(): void {
    this.#adverts.announce();
  }

  /**
   * Sends a message to all peers that can be reached within its lifetime, each of which gets it once.
   *
   * @returns how many peers can be reached now.
   * @throws ValidationError if the type is no name, the data cannot travel or is too large; RateLimitError beyond 100 a
   * second (256 at once), or 4 MiB a second (16 MiB at once).
   */
  broadcast(type: string, data: unknown, { lifetime }: PublishOptions = {}): number {
    this.#assertRunning();
    const name = assertName(type, "the message's type");
    const payload = encodePayload(this.#parts.codec, data);
    this.#tree.send({ kind: "message", name, payload, lifetime });
    return this.#options.topology.peers().filter(({ reachable }) => reachable).length;
  }

  /**
   * Takes what is published to a topic, or below it: `a.*`, `*`.
   *
   * @throws ValidationError; OverloadedError beyond 256 different topics; AbortedError.
   */
  subscribe(
    topic: string,
    options: SubscribeOptions = {},
    handler: TopicHandler | undefined = undefined,
  ): Subscription {
    this.#assertRunning();
    return this.#pubSub.subscribe(topic, options, handler);
  }

  /**
   * Sends something to all who are subscribed to a topic, this peer included.
   *
   * @returns how many other peers are, as far as they are known and can be reached.
   * @throws as {@link Gossip.broadcast}.
   */
  publish(topic: string, data: unknown, options: PublishOptions = {}): number {
    this.#assertRunning();
    return this.#pubSub.publish(topic, data, options);
  }

  /** Takes this peer out of the network, and ends all subscriptions. Stopping twice is fine. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#pubSub.stop();
    this.#adverts.stop();
    this.#tree.stop();
    this.#neighbours.clear();
  }

  #makePubSub(): PubSub {
    const { self, topology, logger } = this.#options;
    return new PubSub({
      ...{ self, logger, codec: this.#parts.codec },
      send: (broadcast) => this.#tree.send(broadcast),
      isReachable: (peerId) => topology.peer(peerId)?.reachable === true,
      isNeighbour: (peerId) => this.#neighbours.has(peerId),
      onChange: () => this.#adverts.announce(),
    });
  }

  #makeAdverts(): AdvertGossip {
    const { relay, describe, certificate = () => undefined } = this.#options;
    return new AdvertGossip({
      ...{ ...this.#options, ...this.#parts, certificate },
      describe: () => ({ ...describe(), relay, topics: this.#pubSub.topics }),
      broadcasts: () => this.#tree.sent,
      observer: {
        advertised: (peerId, advert) => this.#advertised(peerId, advert),
        gone: (peerId) => this.#gone(peerId),
      },
    });
  }

  #makeTree(): SpanningTree {
    const { maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES } = this.#options;
    return new SpanningTree({
      ...{ ...this.#options, ...this.#parts, maxPayloadBytes: maxMessageBytes },
      relays: (neighbour) => this.#relays(neighbour),
      isWanted: (neighbour, broadcast) => this.#isWanted(neighbour, broadcast),
      epoch: () => this.#adverts.epoch,
      deliver: (broadcast) => this.#deliver(broadcast),
    });
  }

  #advertised(peerId: string, advert: PeerAdvert): void {
    this.#parts.guard.advertised(peerId, advert.linkState.epoch, advert.broadcasts);
    this.#pubSub.interest.set(peerId, advert.topics);
    this.emit("advertised", peerId, advert);
  }

  #gone(peerId: string): void {
    this.#parts.guard.gone(peerId);
    this.#pubSub.interest.delete(peerId);
    this.emit("gone", peerId);
  }

  #relays({ peerId, relay = true }: Neighbour): boolean {
    return this.#adverts.of(peerId)?.linkState.relay ?? relay;
  }

  /** Dead ends take for themselves only; of all others it is not known for whom they pass on. */
  #isWanted({ peerId }: Neighbour, { kind, name }: Broadcast): boolean {
    const linkState = this.#adverts.of(peerId)?.linkState;
    if (kind === "message" || !linkState) return true;
    const leadsOn =
      linkState.relay && linkState.links.some(({ peer }) => peer !== this.#options.self);
    return leadsOn || this.#pubSub.interest.isSubscribed(peerId, name);
  }

  #deliver(broadcast: Broadcast): void {
    if (broadcast.kind === "publication") this.#pubSub.deliver(broadcast);
    else this.#deliverMessage(broadcast);
  }

  /** What does not decode is its origin's fault, not that of the one who passed it on. */
  #deliverMessage({ origin: from, name: type, payload }: Broadcast): void {
    try {
      this.emit("message", { from, type, data: decodePayload(this.#parts.codec, payload) });
    } catch (error) {
      if (!NetworkError.is(error)) throw error;
      this.#options.logger.debug({ peerId: from, type, error }, "a broadcast is malformed");
    }
  }

  #assertRunning(): void {
    if (this.#stopped) throw new ClosedError("this peer has been stopped");
  }
}

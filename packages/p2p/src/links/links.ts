import {
  type Clock,
  type CloseReason,
  type Logger,
  NetworkError,
  type Rng,
  type Transport,
} from "@net/core";
import type { DeviceIdentity } from "@net/core/identity";
import type { QoSManager } from "@net/qos";
import type { Admission } from "../admission/admission.ts";
import { Channel, type ChannelObserver } from "../channel/channel.ts";
import { stopped } from "../stopped.ts";
import { Caller, type DialPeerOptions } from "./caller.ts";
import { Door } from "./door.ts";
import type { Acquaintance, Party, Self } from "./handshake.ts";
import type { HandshakeChannel } from "./handshake-channel.ts";
import { LinkTable } from "./link-table.ts";
import type { PeerLink } from "./peer-link.ts";
import { Redialler } from "./redialler.ts";
import { closeRequestFor, isRefusal } from "./refusal.ts";
import { Seats } from "./seats.ts";

/** A link that did not come to be, because one end did not want it. */
export interface Refusal {
  /** The other end: where it was dialled, or where it came from. */
  readonly address: string;
  /** Who it said it was, if it came to that. */
  readonly peerId?: string;
  readonly reason: string;
}

/** What whoever stands above the links gets to know. */
export interface LinksObserver extends ChannelObserver {
  /** A link was agreed on; frames on it come after this. */
  linked(link: PeerLink, other: Acquaintance): void;
  unlinked(link: PeerLink, reason: CloseReason): void;
  refused(refusal: Refusal): void;
}

export interface LinksOptions {
  readonly self: Self;
  readonly identity: DeviceIdentity;
  readonly transport: Transport;
  readonly admission: Admission;
  readonly maxPeers: number;
  readonly heartbeatInterval: number;
  readonly maxMessageBytes: number;
  readonly qos: QoSManager;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly observer: LinksObserver;
  /** What this peer advertises at the moment. */
  readonly advert: () => Uint8Array;
}

/** The links of this peer: those it dialled, which it keeps, and those that others dialled. */
export class Links {
  readonly table: LinkTable = new LinkTable();
  readonly #options: LinksOptions;
  /** Who this peer is in handshakes. */
  readonly party: Party;
  readonly #closing = new AbortController();
  readonly #door: Door;
  readonly #caller: Caller;
  readonly #redialler: Redialler;

  constructor(options: LinksOptions) {
    const { self, identity, admission, clock, rng, transport, maxPeers, advert } = options;
    const { table } = this;
    const closing = this.#closing.signal;
    this.#options = options;
    const seats = new Seats({
      ...{ peerId: self.peerId, maxPeers, linkCount: () => table.size },
      isLinked: (peerId) => table.has(peerId),
    });
    this.party = { self, identity, admission, seats, clock, relayed: false, advert };
    const { party } = this;
    const onLinked = (channel: HandshakeChannel, other: Acquaintance): PeerLink =>
      this.#add(channel, other);
    const onFailed = (address: string, error: unknown): void => this.#failed(address, error);
    this.#door = new Door({ party, closing, onLinked, onFailed });
    this.#caller = new Caller({ transport, party, table, closing, onLinked, onFailed });
    const dial = this.#caller.dial.bind(this.#caller);
    this.#redialler = new Redialler({ clock, rng, closing, dial });
  }

  /** Aborts when this peer stops. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** @returns the address as others would dial it. */
  async listen(address: string, signal?: AbortSignal): Promise<string> {
    return await this.#door.open(this.#options.transport, address, signal);
  }

  async stopListening(): Promise<void> {
    await this.#door.close();
  }

  /** A link to whoever is at that address, kept from now on. */
  async connect(address: string, options: DialPeerOptions): Promise<PeerLink> {
    const link = await this.#caller.dial(address, options);
    this.#redialler.keep(address, link, options.token);
    return link;
  }

  /** Ends all links politely, and everything that would make new ones. */
  async close(): Promise<void> {
    const reason = stopped();
    this.#closing.abort(reason);
    const goodbye = closeRequestFor(reason);
    await Promise.all([
      this.#door.close(),
      this.#redialler.ended(),
      ...[...this.table].map((link) => link.close(goodbye)),
    ]);
  }

  #add(channel: HandshakeChannel, other: Acquaintance): PeerLink {
    if (this.#closing.signal.aborted) throw stopped();
    const { clock, qos, heartbeatInterval, maxMessageBytes, observer } = this.#options;
    const link = new Channel({
      ...{
        secured: channel,
        other,
        hops: 1,
        clock,
        qos,
        heartbeatInterval,
        maxMessageBytes,
        observer,
      },
    });
    this.table.add(link, (reason) => observer.unlinked(link, reason));
    observer.linked(link, other);
    link.open();
    return link;
  }

  #failed(address: string, error: unknown): void {
    if (!NetworkError.is(error)) {
      // For instance an `admit` that throws: the other side only hears that something is wrong here.
      this.#options.logger.error(
        { address, error },
        "a handshake failed for a reason of this peer's",
      );
    }
    if (!isRefusal(error)) return;
    const { peerId } = error.details;
    const who = typeof peerId === "string" ? { peerId } : {};
    this.#options.observer.refused({ address, ...who, reason: error.message });
  }
}

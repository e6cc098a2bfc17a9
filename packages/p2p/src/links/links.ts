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
import type { StartWatch } from "../channel/watch.ts";
import type { PeerLimits } from "../options/limits.ts";
import type { ChannelPolicy } from "../secure/channel-policy.ts";
import { stopped } from "../stopped.ts";
import { Caller, type DialPeerOptions, type Identification } from "./caller.ts";
import { Door } from "./door.ts";
import type { Acquaintance, Party, Self } from "./handshake.ts";
import type { HandshakeChannel } from "./handshake-channel.ts";
import { LinkTable } from "./link-table.ts";
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
  linked(link: Channel): void;
  unlinked(link: Channel, reason: CloseReason): void;
  refused(refusal: Refusal): void;
}

export interface LinksOptions {
  readonly self: Self;
  readonly identity: DeviceIdentity;
  readonly transport: Transport;
  readonly admission: Admission;
  readonly maxPeers: number;
  /** Watches a link. */
  readonly watch: StartWatch;
  /** A peer that is linked has dialled anew: to its mind there may be no link any more. */
  readonly onDialledAnew: (peerId: string) => void;
  readonly policy: ChannelPolicy;
  readonly limits: PeerLimits;
  readonly qos: QoSManager;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly observer: LinksObserver;
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
  #token: string | undefined;

  constructor(options: LinksOptions) {
    const { self, identity, policy, admission, clock, rng, transport, maxPeers } = options;
    const { limits, onDialledAnew } = options;
    const { handshakeTimeout } = limits;
    const { table } = this;
    const closing = this.#closing.signal;
    this.#options = options;
    const seats = new Seats({
      ...{ peerId: self.peerId, maxPeers, linkCount: () => table.size },
      isLinked: (peerId) => table.has(peerId),
      onDialledAnew,
    });
    this.party = { self, identity, policy, admission, seats, clock };
    const { party } = this;
    const onLinked = (channel: HandshakeChannel, other: Acquaintance): Channel =>
      this.#add(channel, other);
    const onFailed = (address: string, error: unknown): void => this.#failed(address, error);
    this.#door = new Door({ party, limits, closing, onLinked, onFailed });
    this.#caller = new Caller({
      ...{ transport, party, handshakeTimeout, table, closing, onLinked, onFailed },
    });
    const dial = this.#caller.dial.bind(this.#caller);
    this.#redialler = new Redialler({ clock, rng, closing, dial });
  }

  /** The token with which this peer was let in last, if it was given one. */
  get token(): string | undefined {
    return this.#token;
  }

  /** Dials those that are missing now: this machine woke, or has another address. @param peerId only this one. */
  hurry(peerId?: string): void {
    this.#redialler.hurry(peerId);
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
  async connect(address: string, options: DialPeerOptions): Promise<Channel> {
    const link = await this.#caller.dial(address, options);
    this.#token = options.token ?? this.#token;
    this.#redialler.keep(address, link, options.token);
    return link;
  }

  /** Who is at that address, as it proves; no link comes of it. @throws as {@link Links.connect}. */
  async identify(address: string, signal: AbortSignal): Promise<Identification> {
    return await this.#caller.identify(address, signal);
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

  #add(channel: HandshakeChannel, other: Acquaintance): Channel {
    if (this.#closing.signal.aborted) throw stopped();
    const { clock, qos, watch, limits, observer } = this.#options;
    const { maxMessageBytes } = limits;
    const link = new Channel({
      ...{
        secured: channel,
        other,
        hops: 1,
        clock,
        qos,
        watch,
        maxMessageBytes,
        observer,
      },
    });
    this.table.add(link, (reason) => observer.unlinked(link, reason));
    observer.linked(link);
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

import { randomBytes } from "node:crypto";
import {
  AuthenticationError,
  abortable,
  type Clock,
  ClosedError,
  ConnectionError,
  type Logger,
  NetworkError,
  ProtocolError,
  throwIfAborted,
} from "@net/core";
import type { Channel } from "../channel/channel.ts";
import {
  type Acquaintance,
  agree,
  greet,
  inTime,
  prove,
  type SessionParty,
  welcome,
} from "../links/handshake.ts";
import type { HandshakeChannel } from "../links/handshake-channel.ts";
import type { LinkTable } from "../links/link-table.ts";
import { endHandshake } from "../links/refusal.ts";
import { secureChannel } from "../links/secure-channel.ts";
import type { PathWatch } from "../mesh/path-watch.ts";
import { noRoute } from "../mesh/routes.ts";
import type { Notice } from "../wire/notice.ts";
import { type Path, type Routed, RoutedFlag, SESSION_BYTES } from "../wire/routed.ts";
import { PendingSessions } from "./pending-sessions.ts";
import { RouteLink, type RouteLinkOptions } from "./route-link.ts";
import { SessionTable } from "./session-table.ts";

/** What the handshake of a session is for: it cannot be passed off as one of a link. */
const CONTEXT = "relayed";

export interface SessionsOptions {
  /** This peer. */
  readonly self: string;
  /** With `sessionParty`. */
  readonly party: SessionParty;
  readonly links: LinkTable;
  readonly paths: PathWatch;
  /** Ways to a peer, the best one first. @throws NetworkError `NO_ROUTE` */
  readonly routes: (peerId: string) => Iterable<Path>;
  /** A token that this peer was given, if it was. */
  readonly token: () => string | undefined;
  readonly maxSessions: number;
  /** Aborts what is under way when the network stops. */
  readonly closing: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A session was agreed on. */
  readonly onChannel: (secured: HandshakeChannel, other: Acquaintance, hops: number) => Channel;
}

/**
 * Sessions with peers that are several links away: secured and authenticated from end to end, as links are, so that the
 * relays between see who talks to whom, and nothing else.
 */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #table: SessionTable;
  readonly #opening = new Map<string, Promise<Channel>>();
  readonly #routeLinks = new Map<string, RouteLink>();
  readonly #pending = new PendingSessions();

  constructor(options: SessionsOptions) {
    const { maxSessions, clock } = options;
    this.#options = options;
    this.#table = new SessionTable({ maxSessions, clock });
  }

  /** All that there are. */
  [Symbol.iterator](): Iterator<Channel> {
    return this.#table[Symbol.iterator]();
  }

  /** A session with that peer that is there already. */
  get(peerId: string, bulk: boolean): Channel | undefined {
    return this.#table.get(peerId, bulk);
  }

  /**
   * A session with that peer: the one that there is, or a new one over the first way that works.
   *
   * @throws NetworkError `NO_ROUTE`; AuthenticationError, PermissionError if either end refuses the other; ConnectionError,
   *   NetworkTimeoutError `handshake`; AbortedError.
   */
  async open(peerId: string, bulk: boolean, signal: AbortSignal): Promise<Channel> {
    const known = this.#table.get(peerId, bulk);
    if (known) return known;
    const key = `${bulk} ${peerId}`;
    let opening = this.#opening.get(key);
    if (!opening) {
      opening = this.#dial(peerId, bulk).finally(() => this.#opening.delete(key));
      opening.catch(() => {});
      this.#opening.set(key, opening);
    }
    return await abortable(opening, signal);
  }

  /** Ends all sessions politely. */
  async close(): Promise<void> {
    await this.#table.close();
    for (const link of [...this.#routeLinks.values()]) link.abort({ code: "going-away" });
  }

  /** A frame of a session has come to its end. */
  arrived({ flags, session, path, body }: Routed, from: Channel): void {
    const back = path.toReversed();
    const link = this.#routeLinks.get(keyOf(back, session));
    if (link?.path.every((id, i) => id === back[i])) {
      if ((flags & RoutedFlag.end) !== 0) link.finished();
      else link.arrived(body);
    } else if (!link && (flags & RoutedFlag.open) !== 0) {
      const bulk = (flags & RoutedFlag.bulk) !== 0;
      void this.#answer({ path: back, session, role: "responder", bulk, first: from }, body);
    }
  }

  /** A relay on the way could not pass a frame on. It counts only from the neighbour that the session goes through. */
  noticed({ path, session, error }: Notice, from: Channel): void {
    for (const link of this.#routeLinks.values()) {
      const isOnWay = link.session === session && link.path[1] === from.peerId;
      if (isOnWay && link.path.includes(path[0] as string)) link.lost(error.message, error);
    }
  }

  async #dial(peerId: string, bulk: boolean): Promise<Channel> {
    let failure: NetworkError | undefined;
    for (const path of this.#options.routes(peerId)) {
      try {
        return await this.#dialAlong(path, peerId, bulk);
      } catch (error) {
        if (!NetworkError.is(error) || !error.retryable) throw error;
        failure = error;
      }
    }
    throw failure ?? noRoute(peerId, "no way to it");
  }

  async #dialAlong(path: Path, peerId: string, bulk: boolean): Promise<Channel> {
    const { links, party, token, closing } = this.#options;
    const first = links.get(path[1] as string);
    if (!first) throw noRoute(peerId, `no link to ${path[1]}`);
    throwIfAborted(closing);
    const session = randomBytes(SESSION_BYTES).toString("hex");
    const link = this.#routeLink({ path, session, role: "initiator", bulk, first });
    return await this.#meeting(link, async (signal) => {
      const secured = await secureChannel(link, "initiator", party, signal, CONTEXT);
      return await this.#inHandshake(secured, async () => {
        const acceptor = await greet(secured, party, signal);
        assertIs(acceptor.greeting.peerId, peerId);
        const other = await prove(secured, party, acceptor, { token: token(), signal });
        return this.#agreed(secured, other, link, bulk);
      });
    });
  }

  /** Somebody opens a session: never rejects, he hears why not. */
  async #answer(options: Omit<RouteLinkOptions, "clock">, body: Uint8Array): Promise<void> {
    const { party, logger } = this.#options;
    const origin = options.path.at(-1) as string;
    using place = this.#pending.enter(options.path);
    if (!place) return;
    const link = this.#routeLink(options);
    try {
      link.arrived(body);
      await this.#meeting(link, async (signal) => {
        const secured = await secureChannel(link, "responder", party, signal, CONTEXT);
        await this.#inHandshake(secured, async () => {
          const other = await welcome(secured, party, signal);
          assertIs(other.peerId, origin);
          this.#table.assertRoom();
          agree(secured, party, other);
          this.#agreed(secured, other, link, options.bulk);
        });
      });
    } catch (error) {
      if (!NetworkError.is(error)) throw error;
      logger.debug({ peerId: origin, error }, "a session was not agreed on");
    }
  }

  #agreed(secured: HandshakeChannel, other: Acquaintance, link: RouteLink, bulk: boolean): Channel {
    const channel = this.#options.onChannel(secured, other, link.path.length - 1);
    this.#table.add(channel, bulk);
    channel.open();
    return channel;
  }

  /** Runs a handshake for as long as the way is whole, and not for ever. */
  async #meeting<T>(link: RouteLink, meet: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { closing: signal, clock } = this.#options;
    try {
      return await inTime(link.remoteAddress, { clock, signal }, meet);
    } catch (error) {
      link.abort({ code: "lost", message: "there was no handshake" });
      throw link.failure ?? lostOf(error, link);
    }
  }

  async #inHandshake<T>(secured: HandshakeChannel, meet: () => Promise<T>): Promise<T> {
    try {
      return await meet();
    } catch (error) {
      await endHandshake(secured.link, error);
      throw error;
    }
  }

  #routeLink(options: Omit<RouteLinkOptions, "clock">): RouteLink {
    const { clock, paths } = this.#options;
    const link = new RouteLink({ ...options, clock });
    const key = keyOf(link.path, link.session);
    this.#routeLinks.set(key, link);
    const watch = paths.watch(link.path, () => link.lost("a link on the way was lost"));
    void link.closed.then(() => {
      watch[Symbol.dispose]();
      this.#routeLinks.delete(key);
    });
    return link;
  }
}

/** Ids hold no control characters. */
function keyOf(path: Path, session: string): string {
  return `${path.at(-1)}\n${session}`;
}

/** Whoever answers must be the one that the path leads to, whatever the relays say. @throws AuthenticationError */
function assertIs(actual: string, expected: string): void {
  if (actual === expected) return;
  throw new AuthenticationError(`${actual} is at the end of a way to ${expected}`);
}

/** A way that ended under a handshake, or on which somebody changed it, is of no use: another one, or another try, may be. */
function lostOf(error: unknown, { remoteAddress: address }: RouteLink): unknown {
  if (!ClosedError.is(error) && !ProtocolError.is(error)) return error;
  return new ConnectionError(`the way along ${address} was lost`, {
    ...{ code: "CONNECTION_LOST", phase: "handshake", cause: error, details: { address } },
  });
}

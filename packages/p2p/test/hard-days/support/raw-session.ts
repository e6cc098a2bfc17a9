import { randomBytes } from "node:crypto";
import { type Link, ProtocolError } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import { settle } from "@net/core/testing";
import type { Channel } from "../../../src/channel/channel.ts";
import { RouteLink } from "../../../src/relay/route-link.ts";
import { secure } from "../../../src/secure/secure.ts";
import { encodeHello, encodeProof } from "../../../src/wire/handshake.ts";
import { FrameKind } from "../../../src/wire/kinds.ts";
import { decodeRouted, RoutedFlag, SESSION_BYTES } from "../../../src/wire/routed.ts";
import type { RawPeer } from "../../support/raw-peer.ts";
import type { TestNetwork } from "../../support/test-network.ts";

/** A session by hand, with what is at the end of a path that begins at somebody who speaks by hand. */
export class RawSession {
  /** Undefined until both ends have secured it. */
  link: Link | undefined;
  readonly received: Uint8Array[] = [];
  /** Resolves when both ends have secured it, or it came to nothing. */
  readonly secured: Promise<void>;
  readonly #route: RouteLink;

  /**
   * Sends the first frame of a handshake.
   *
   * @param path from the one whose session it is said to be; `neighbour` has the link that is taken.
   */
  constructor(net: TestNetwork, neighbour: RawPeer, path: readonly string[]) {
    this.#route = new RouteLink({
      ...{ path, role: "initiator", bulk: false, clock: net.clock },
      session: randomBytes(SESSION_BYTES).toString("hex"),
      first: firstLink(neighbour, path),
    });
    const others = neighbour.onFrame;
    neighbour.onFrame = (frame) => {
      others?.(frame);
      this.#take(frame);
    };
    this.secured = this.#secure();
  }

  /** One that is agreed on, as the first of its path. */
  static async agreed(
    net: TestNetwork,
    neighbour: RawPeer,
    path: readonly string[],
  ): Promise<RawSession> {
    const session = new RawSession(net, neighbour, path);
    await session.secured;
    session.hello(path[0] as string);
    await session.#heard(FrameKind.welcome);
    session.link?.send(encodeProof({}));
    await session.#heard(FrameKind.ready);
    return session;
  }

  hello(peerId: string): void {
    this.link?.send(
      encodeHello({
        networkId: "net",
        peerId,
        peerName: peerId,
        capabilities: [],
        maxMessageBytes: 2 ** 20,
      }),
    );
  }

  async #heard(kind: FrameKind): Promise<void> {
    for (let turn = 0; turn < 100; turn++) {
      if (this.received.some(([first]) => first === kind)) return;
      await settle();
    }
    throw new Error(`no frame of kind ${kind} came`);
  }

  #take(frame: Uint8Array): void {
    if (frame[0] !== FrameKind.routed) return;
    const { session, body, flags } = decodeRouted(frame);
    if (session !== this.#route.session) return;
    if ((flags & RoutedFlag.end) !== 0) this.#route.finished();
    else this.#route.arrived(body.slice());
  }

  async #secure(): Promise<void> {
    const secured = await secure(this.#route, {
      ...{ role: "initiator", context: "relayed", identity: DeviceIdentity.generate() },
      introduction: new Uint8Array(0),
      check: () => {},
      errorOf: ({ code }) => new ProtocolError(code),
      refuse: async () => {},
      signal: new AbortController().signal,
    }).catch(() => undefined);
    this.link = secured?.link;
    this.link?.receive((bytes) => this.received.push(bytes));
  }
}

/** Sends to the end of its link whatever is said to come from further behind. */
function firstLink(neighbour: RawPeer, path: readonly string[]): Channel {
  const hop = path.indexOf(neighbour.peerId) + 1;
  const offerFrame = (frame: Uint8Array, _type: string, onSettled?: () => void): void => {
    neighbour.link.send(frame.with(1, hop));
    onSettled?.();
  };
  const { peerId, link } = neighbour;
  return { peerId, closed: link.closed, offerFrame, flush: () => {} } as Channel;
}

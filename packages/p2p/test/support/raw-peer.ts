import { type Link, ProtocolError } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import { settle } from "@net/core/testing";
import type { NoiseRole } from "../../src/noise/handshake.ts";
import { secure } from "../../src/secure/secure.ts";
import { decodeEndMessage, type EndKind, type EndMessage } from "../../src/wire/calls.ts";
import { decodeFrame, encodeFrame, type Frame } from "../../src/wire/frame.ts";
import { encodeHello, encodeProof } from "../../src/wire/handshake.ts";
import { FrameKind, isMessage } from "../../src/wire/kinds.ts";
import { decodeLiveness, encodeLiveness } from "../../src/wire/liveness.ts";
import { type CraftedAdvert, craftAdvert } from "../gossip/support/craft.ts";
import type { TestNetwork } from "./test-network.ts";

/** Somebody who speaks the protocol by hand, and so can say what no peer would. */
export class RawPeer {
  readonly link: Link;
  readonly peerId: string;
  readonly frames: Frame[] = [];
  readonly messages: EndMessage[] = [];

  /** Gets all that comes, as it came. */
  onFrame: ((bytes: Uint8Array) => void) | undefined;

  readonly identity: DeviceIdentity;

  private constructor(peerId: string, link: Link, identity: DeviceIdentity) {
    this.peerId = peerId;
    this.identity = identity;
    this.link = link;
    link.receive((bytes) => {
      this.onFrame?.(bytes);
      if (isMessage(bytes[0] ?? 0)) this.messages.push(decodeEndMessage(bytes));
      else this.#receive(decodeFrame(bytes));
    });
  }

  /** Dials and secures the link, and says nothing yet of who it is. */
  static async dial(
    net: TestNetwork,
    from: string,
    to: string,
    identity: DeviceIdentity = DeviceIdentity.generate(),
  ): Promise<RawPeer> {
    const link = await net.memory.at(from).dial(`memory:${to}`);
    return new RawPeer(from, await RawPeer.secure(link, "initiator", identity), identity);
  }

  /** One end of a link's handshake, for somebody who takes everybody. */
  static async secure(
    link: Link,
    role: NoiseRole,
    identity: DeviceIdentity = DeviceIdentity.generate(),
  ): Promise<Link> {
    const secured = await secure(link, {
      ...{ role, context: "link", identity },
      introduction: new Uint8Array(0),
      check: () => {},
      errorOf: ({ code }) => new ProtocolError(code),
      refuse: async () => {},
      signal: new AbortController().signal,
    });
    return secured.link;
  }

  /** Dials and goes through the handshake of a network without a secret. */
  static async join(
    net: TestNetwork,
    from: string,
    to: string,
    identity?: DeviceIdentity,
  ): Promise<RawPeer> {
    const peer = await RawPeer.dial(net, from, to, identity);
    peer.hello();
    await settle();
    peer.link.send(encodeProof({}));
    await settle();
    peer.link.send(peer.advert());
    await settle();
    return peer;
  }

  hello(changes: { peerId?: string; networkId?: string } = {}): void {
    const { peerId } = this;
    const self = {
      networkId: "net",
      peerId,
      peerName: peerId,
      capabilities: [],
      maxMessageBytes: 2 ** 20,
    };
    this.link.send(encodeHello({ ...self, ...changes }));
  }

  /** A frame with an advert of its own, signed by its device. */
  advert(crafted: Partial<CraftedAdvert> = {}): Uint8Array {
    const { peerId: origin, identity } = this;
    return encodeFrame(FrameKind.advert, craftAdvert(identity, { origin, ...crafted }));
  }

  /** The messages of that kind that have come. */
  said(kind: EndKind): EndMessage[] {
    return this.messages.filter(([each]) => each === kind);
  }

  /** The frames of that kind that have come. */
  got(kind: FrameKind): Frame[] {
    return this.frames.filter((frame) => frame.kind === kind);
  }

  #receive(frame: Frame): void {
    if (frame.kind === FrameKind.ping) this.#answer(frame);
    else this.frames.push(frame);
  }

  #answer(frame: Frame): void {
    const { number } = decodeLiveness(frame) as { readonly number: number };
    const calm = { incarnation: 0, loopLagMs: 0, busy: false };
    this.link.send(encodeLiveness({ type: "probe-ack", number, ...calm }));
  }
}

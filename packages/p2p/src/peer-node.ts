import type { CloseReason, Emitter, Logger } from "@net/core";
import { QoSManager, type QoSPolicy } from "@net/qos";
import { Admission } from "./admission/admission.ts";
import type { TokenIssuer } from "./admission/token.ts";
import { Calls } from "./calls/calls.ts";
import { Channel, CONTROL, URGENT_PIECES } from "./channel/channel.ts";
import type { ConnectedPeer, PeerNetworkEvents } from "./events.ts";
import type { ExecutionNetwork } from "./executor/attachment.ts";
import type { Acquaintance } from "./links/handshake.ts";
import type { HandshakeChannel } from "./links/handshake-channel.ts";
import { Links, type LinksObserver, type Refusal } from "./links/links.ts";
import type { PeerLink } from "./links/peer-link.ts";
import type { SelfDescription } from "./mesh/adverts.ts";
import { Mesh } from "./mesh/mesh.ts";
import { Messages } from "./messages.ts";
import type { PeerNetworkSettings } from "./options.ts";
import { RELAYED, RELAYED_BULK } from "./relay/route-link.ts";
import { ToolExecutor } from "./tools/tool-executor.ts";
import { Statements } from "./trust/statements.ts";
import { EndKind, type EndMessage } from "./wire/calls.ts";
import type { Frame } from "./wire/frame.ts";
import { FrameKind } from "./wire/kinds.ts";

/** How the mesh's own frames are treated, whatever the user says: what credit does not count must be critical, and only that. */
const policies: Readonly<Record<string, QoSPolicy>> = {
  [CONTROL]: { priority: "critical" },
  [URGENT_PIECES]: { priority: "high" },
  [RELAYED]: { priority: "high" },
  [RELAYED_BULK]: { priority: "low" },
  advert: { priority: "high" },
};

const limits = {
  maxMessageBytes: 1024 * 1024,
  maxIncomingCalls: 1024,
  maxSessions: 1024,
  relayBytesPerSecond: 32 * 1024 * 1024,
};

/** The parts of a peer, joined: what the links bring goes to whom it concerns. */
export class PeerNode implements LinksObserver {
  readonly qos: QoSManager;
  readonly tools: ToolExecutor;
  readonly links: Links;
  readonly mesh: Mesh;
  readonly calls: Calls;
  readonly messages: Messages;
  readonly #statements: Statements | undefined;
  readonly #settings: PeerNetworkSettings;
  readonly #events: Emitter<PeerNetworkEvents>;
  readonly #logger: Logger;

  constructor(
    settings: PeerNetworkSettings,
    issuer: TokenIssuer | undefined,
    events: Emitter<PeerNetworkEvents>,
  ) {
    const { peerId: self, clock, rng, logger, relay } = settings;
    this.#settings = settings;
    this.#events = events;
    this.#logger = logger;
    this.qos = new QoSManager({ clock, policies: { ...settings.policies, ...policies } });
    this.tools = new ToolExecutor({ clock, onChange: () => this.mesh.adverts.announce() });
    this.links = this.#makeLinks(issuer);
    this.mesh = new Mesh({
      ...{ self, links: this.links.table, party: this.links.party, closing: this.links.closing },
      ...{ relay, clock, logger, limits },
      describe: () => this.#describe(),
      onSession: (secured, other, hops) => this.#session(secured, other, hops),
      onUpdate: (update) => events.emit("topology:updated", update),
    });
    const { mesh, tools } = this;
    this.calls = new Calls({
      self,
      tools,
      channels: mesh.channels,
      clock,
      logger,
      maxIncomingCalls: limits.maxIncomingCalls,
    });
    this.messages = new Messages({ self, mesh, events, qos: this.qos, clock, rng, logger });
    const trust = settings.owner?.trust;
    const { table } = this.links;
    if (trust) this.#statements = new Statements({ trust, links: table, clock, logger });
  }

  /** What executors get to see of this peer. */
  executionNetwork(): ExecutionNetwork {
    const { peerId, capabilities } = this.#settings;
    const { calls, mesh } = this;
    return {
      ...{ peerId, capabilities, quality: calls.quality },
      candidates: () => mesh.reachable(),
      isIdempotent: (peer, tool) => mesh.directory.isIdempotent(peer, tool),
      invoke: (peer, invocation) => calls.invoke(peer, invocation),
    };
  }

  async close(): Promise<void> {
    this.calls.close();
    this.#statements?.stop();
    await this.mesh.close();
    await this.links.close();
  }

  linked(link: PeerLink, { advert }: Acquaintance): void {
    this.mesh.met(link, advert);
    this.#statements?.meet(link);
    this.#events.emit("peer:connected", this.connectedPeer(link));
  }

  unlinked(link: PeerLink, reason: CloseReason): void {
    this.calls.lost(link);
    this.qos.forget(link.peerId);
    this.calls.quality.forget(link.peerId);
    this.mesh.lost(link);
    this.#events.emit("peer:disconnected", link.peerId, reason);
  }

  refused(refusal: Refusal): void {
    this.#logger.info({ ...refusal }, "a link was refused");
    this.#events.emit("peer:refused", refusal);
  }

  measured(link: PeerLink): void {
    const metrics = this.qos.getMetrics(link.peerId);
    if (metrics) this.mesh.measured(link, metrics);
  }

  frame(link: PeerLink, frame: Frame, release: () => void): boolean {
    if (frame.kind !== FrameKind.statement) return this.mesh.receive(link, frame, release);
    this.#statements?.receive(link, frame);
    return true;
  }

  message(channel: Channel, message: EndMessage, bytes: number): void {
    if (message[0] === EndKind.message) this.messages.deliver(channel, message);
    else this.calls.message(channel, message, bytes);
  }

  connectedPeer({
    peerId,
    peerName,
    capabilities,
    address,
    connectedAtMs,
  }: PeerLink): ConnectedPeer {
    const rttMs = this.qos.getMetrics(peerId)?.rttMs;
    return { peerId, name: peerName, capabilities, address, rttMs, connectedAtMs };
  }

  #makeLinks(issuer: TokenIssuer | undefined): Links {
    const { peerId, peerName, networkId, capabilities, admit, owner, clock } = this.#settings;
    return new Links({
      ...this.#settings,
      self: { peerId, peerName, networkId, capabilities },
      admission: new Admission({ clock, issuer, owner, admit }),
      qos: this.qos,
      observer: this,
      advert: () => this.mesh.adverts.own(),
      maxMessageBytes: limits.maxMessageBytes,
    });
  }

  #describe(): SelfDescription {
    const { peerName: name, capabilities } = this.#settings;
    const { definitions } = this.tools;
    return {
      ...{ name, capabilities, tools: definitions.map((tool) => tool.name) },
      idempotent: definitions.filter((tool) => tool.idempotent).map((tool) => tool.name),
    };
  }

  #session(secured: HandshakeChannel, other: Acquaintance, hops: number): Channel {
    const { clock, heartbeatInterval } = this.#settings;
    const { maxMessageBytes } = limits;
    const { qos } = this;
    const channel = new Channel({
      ...{ secured, other, hops, clock, qos, heartbeatInterval, maxMessageBytes, observer: this },
    });
    void channel.closed.then(() => this.calls.lost(channel));
    return channel;
  }
}

import { type CloseReason, type Emitter, type Logger, NetworkError } from "@net/core";
import { QoSManager, type QoSPolicy } from "@net/qos";
import { Admission } from "./admission/admission.ts";
import type { TokenIssuer } from "./admission/token.ts";
import { Calls } from "./calls/calls.ts";
import type { ConnectedPeer, PeerNetworkEvents } from "./events.ts";
import type { ExecutionNetwork } from "./executor/attachment.ts";
import type { Acquaintance } from "./links/handshake.ts";
import { Links, type LinksObserver, type Refusal } from "./links/links.ts";
import type { MessageType, PeerLink } from "./links/peer-link.ts";
import type { SelfDescription } from "./mesh/adverts.ts";
import { Mesh } from "./mesh/mesh.ts";
import { Messages } from "./messages.ts";
import type { PeerNetworkSettings } from "./options.ts";
import { ToolExecutor } from "./tools/tool-executor.ts";
import { Statements } from "./trust/statements.ts";
import type { Envelope } from "./wire/envelope.ts";
import type { Frame } from "./wire/frame.ts";
import { FrameKind } from "./wire/kinds.ts";

/** Beside the policies that `QoSManager` has: routes must heal, and callers be told, before all else is done. */
const policies: Readonly<Partial<Record<MessageType, QoSPolicy>>> = {
  notice: { priority: "critical" },
  advert: { priority: "high" },
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
    this.qos = new QoSManager({ clock, policies: { ...policies, ...settings.policies } });
    this.tools = new ToolExecutor({ clock, onChange: () => this.mesh.adverts.announce() });
    this.links = this.#makeLinks(issuer);
    this.mesh = new Mesh({
      ...{ self, links: this.links.table, relay, clock, logger },
      describe: () => this.#describe(),
      deliver: (envelope, from) => this.#deliver(envelope, from),
      onUpdate: (update) => events.emit("topology:updated", update),
    });
    const { mesh, tools } = this;
    this.calls = new Calls({ self, tools, mesh, clock, rng, logger });
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
    this.mesh.adverts.stop();
    this.#statements?.stop();
    await this.links.close();
  }

  linked(link: PeerLink, { advert }: Acquaintance): void {
    this.mesh.met(link, advert);
    this.#statements?.meet(link);
    this.#events.emit("peer:connected", this.connectedPeer(link));
  }

  unlinked(link: PeerLink, reason: CloseReason): void {
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

  frame(link: PeerLink, frame: Frame): void {
    if (frame.kind === FrameKind.statement) this.#statements?.receive(link, frame);
    else this.mesh.receive(link, frame);
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

  /** What is wrong with a frame for this peer is its origin's fault: the link that brought it stays. */
  #deliver(envelope: Envelope, from: PeerLink): void {
    try {
      if (envelope.frame.kind === FrameKind.message) this.messages.deliver(envelope);
      else this.calls.deliver(envelope, from);
    } catch (error) {
      if (!NetworkError.is(error)) throw error;
      this.#logger.debug({ peerId: envelope.origin, error }, "a frame was not understood");
    }
  }
}

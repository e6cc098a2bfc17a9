import type { CloseReason, Emitter, Logger } from "@net/core";
import { QoSManager } from "@net/qos";
import { Admission } from "./admission/admission.ts";
import type { TokenIssuer } from "./admission/token.ts";
import { Calls } from "./calls/calls.ts";
import { principal } from "./calls/principal.ts";
import { Channel } from "./channel/channel.ts";
import { HeartbeatWatch } from "./channel/heartbeat-watch.ts";
import type { ConnectedPeer, PeerNetworkEvents } from "./events.ts";
import type { ExecutionNetwork } from "./executor/attachment.ts";
import type { SelfDescription } from "./gossip/adverts/own-adverts.ts";
import { ResultLedger } from "./ledger/result-ledger.ts";
import type { Acquaintance } from "./links/handshake.ts";
import type { HandshakeChannel } from "./links/handshake-channel.ts";
import { Links, type LinksObserver, type Refusal } from "./links/links.ts";
import { Lifelines } from "./liveness/lifeline/lifelines.ts";
import { NetworkWatch } from "./liveness/network-watch.ts";
import { PartitionObserver } from "./liveness/partition-observer.ts";
import { describeSelf } from "./mesh/describe-self.ts";
import { Mesh } from "./mesh/mesh.ts";
import { Watchkeeper } from "./mesh/watchkeeper.ts";
import { Messages } from "./messages.ts";
import type { PeerNetworkSettings } from "./options.ts";
import { MESH_POLICIES } from "./policies.ts";
import { ToolExecutor } from "./tools/tool-executor.ts";
import { Statements } from "./trust/statements.ts";
import { EndKind, type EndMessage } from "./wire/calls.ts";
import type { Frame } from "./wire/frame.ts";
import { FrameKind } from "./wire/kinds.ts";

/** The parts of a peer, joined: what the links bring goes to whom it concerns. */
export class PeerNode implements LinksObserver {
  readonly qos: QoSManager;
  readonly tools: ToolExecutor;
  readonly ledger: ResultLedger;
  readonly links: Links;
  readonly mesh: Mesh;
  readonly calls: Calls;
  readonly messages: Messages;
  readonly watchkeeper: Watchkeeper;
  readonly #partitions: PartitionObserver;
  readonly #statements: Statements | undefined;
  readonly #settings: PeerNetworkSettings;
  readonly #events: Emitter<PeerNetworkEvents>;
  readonly #logger: Logger;
  readonly #lifelines: Lifelines;
  #networkWatch: NetworkWatch | undefined;

  constructor(
    settings: PeerNetworkSettings,
    issuer: TokenIssuer,
    events: Emitter<PeerNetworkEvents>,
  ) {
    const { peerId: self, clock, rng, logger, policies, owner, networkId } = settings;
    this.#settings = settings;
    this.#events = events;
    this.#logger = logger;
    this.qos = new QoSManager({ clock, policies: { ...policies, ...MESH_POLICIES } });
    this.tools = new ToolExecutor({ clock, onChange: () => this.mesh.gossip.announce() });
    this.ledger = new ResultLedger({ clock });
    this.#lifelines = new Lifelines(clock);
    this.links = this.#makeLinks(issuer);
    this.mesh = this.#makeMesh();
    this.calls = this.#makeCalls();
    const { mesh, qos } = this;
    this.messages = new Messages({ self, mesh, events, qos, clock, rng });
    this.watchkeeper = this.#makeWatchkeeper();
    this.#partitions = this.#observePartitions();
    mesh.gossip.on("message", (message) => events.emit("message", message));
    const { table } = this.links;
    if (owner) {
      const { trust } = owner;
      const sessions = (): Iterable<Channel> => mesh.sessions;
      this.#statements = new Statements({
        ...{ trust, networkId, links: table, sessions, clock, logger },
      });
    }
  }

  /** What executors get to see of this peer. */
  executionNetwork(): ExecutionNetwork {
    const { peerId, capabilities } = this.#settings;
    const { calls, ledger, mesh, qos } = this;
    const { states } = this.watchkeeper;
    return {
      ...{ peerId, capabilities, ledger, quality: calls.quality, owner: this.#ownPrincipal() },
      candidates: () => mesh.reachable(),
      isIdempotent: (peer, tool) => mesh.isIdempotent(peer, tool),
      invoke: (peer, invocation) => calls.invoke(peer, invocation),
      ask: (peer, invocation, onOutcome) => calls.ask(peer, invocation, onOutcome),
      state: (peer) => states.state(peer),
      onSuspect: (peer, callback) => states.onSuspect(peer, callback),
      incarnation: (peer) => mesh.incarnationOf(peer),
      retryPolicy: () => qos.getPolicy("tool-call").retryPolicy,
    };
  }

  /** Notices from now on when this machine gets another address. */
  watchAddresses(): void {
    if (this.#networkWatch) return;
    const { clock } = this.#settings;
    this.#networkWatch = new NetworkWatch({ clock });
    this.#networkWatch.on("changed", ({ removed }) => this.#moved(removed.length > 0));
  }

  async close(): Promise<void> {
    this.#networkWatch?.[Symbol.dispose]();
    this.#partitions[Symbol.dispose]();
    this.calls.close();
    this.#statements?.stop();
    await this.mesh.close();
    await this.links.close();
    this.watchkeeper[Symbol.dispose]();
    await this.#lifelines.close();
    this.ledger.close();
  }

  /** Answers for this process from another thread while this one is blocked. @throws ConnectionError */
  async startLifeline(host: string): Promise<void> {
    await this.#lifelines.start(host);
  }

  linked(link: Channel): void {
    this.mesh.met(link);
    this.watchkeeper.offerLifeline(link);
    this.#statements?.meet(link);
    this.#events.emit("peer:connected", this.connectedPeer(link));
  }

  unlinked(link: Channel, reason: CloseReason): void {
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

  frame(link: Channel, frame: Frame, release: () => void): boolean {
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
  }: Channel): ConnectedPeer {
    const rttMs = this.qos.getMetrics(peerId)?.rttMs;
    return { peerId, name: peerName, capabilities, address, rttMs, connectedAtMs };
  }

  #makeLinks(issuer: TokenIssuer): Links {
    const { peerId, peerName, networkId, capabilities, channel, limits } = this.#settings;
    const { clock, owner, admission, allow, admit, identity, logger } = this.#settings;
    const { maxMessageBytes } = limits;
    return new Links({
      ...this.#settings,
      ...{ self: { peerId, peerName, networkId, capabilities, maxMessageBytes } },
      ...{ policy: channel, limits },
      admission: new Admission({
        ...{ clock, issuer, owner, admission, allow, admit, networkId, identity, logger },
      }),
      qos: this.qos,
      observer: this,
      watch: (link) => this.watchkeeper.watch(link),
      onDialledAnew: (peer) => this.watchkeeper.doubt(peer),
    });
  }

  #makeMesh(): Mesh {
    const { peerId: self, relay, owner, clock, rng, logger, limits } = this.#settings;
    const { table, party, closing } = this.links;
    return new Mesh({
      ...{ self, links: table, party, closing, relay, owner, clock, rng, logger, limits },
      token: () => this.links.token,
      describe: () => this.#describe(),
      onSession: (secured, other, hops) => this.#session(secured, other, hops),
      onUpdate: (update) => this.#events.emit("topology:updated", update),
    });
  }

  #makeCalls(): Calls {
    const { peerId: self, clock, logger, limits } = this.#settings;
    const { tools, ledger } = this;
    const { channels } = this.mesh;
    const { maxIncomingCalls } = limits;
    return new Calls({ self, tools, ledger, channels, clock, logger, maxIncomingCalls });
  }

  #makeWatchkeeper(): Watchkeeper {
    const { peerId: self, heartbeatInterval, clock, rng } = this.#settings;
    const { calls, mesh, qos } = this;
    return new Watchkeeper({
      ...{ self, topology: mesh.topology, qos, heartbeatInterval, clock, rng },
      lifelines: this.#lifelines,
      neighboursOf: (peerId) => mesh.neighboursOf(peerId),
      oldestUnansweredMs: (link) => calls.oldestUnansweredMs(link),
      onChanged: (peerId, { state, reason }) =>
        this.#events.emit("peer:state", peerId, state, reason),
      onWake: () => this.#woke(),
    });
  }

  #observePartitions(): PartitionObserver {
    const { peerId: self, clock } = this.#settings;
    const observer = new PartitionObserver({ self, clock, topology: this.mesh.topology });
    const events = this.#events;
    observer.on("partition:detected", (view) => events.emit("partition:detected", view));
    observer.on("partition:healed", (view) => {
      for (const peerId of view.healed) this.links.hurry(peerId);
      events.emit("partition:healed", view);
    });
    observer.on("partition:risk", (risk) => events.emit("partition:risk", risk));
    return observer;
  }

  /** @param lost whether an address is gone: links may be of that one. */
  #moved(lost: boolean): void {
    if (lost) this.watchkeeper.doubtAll();
    this.links.hurry();
  }

  #woke(): void {
    this.#networkWatch?.look();
    this.links.hurry();
  }

  #describe(): SelfDescription {
    return describeSelf(this.#settings, this.tools);
  }

  /** Whose the keys of this peer's calls are, as `principalOf` says of other peers. */
  #ownPrincipal(): string {
    const { identity, owner } = this.#settings;
    return principal(owner?.trust.owner, identity.publicKey);
  }

  #session(secured: HandshakeChannel, other: Acquaintance, hops: number): Channel {
    const { clock, heartbeatInterval: interval, limits } = this.#settings;
    const { maxMessageBytes } = limits;
    const channel = new Channel({
      ...{ secured, other, hops, clock, qos: this.qos, maxMessageBytes, observer: this },
      watch: (session) => new HeartbeatWatch(session, { interval, clock }),
    });
    void channel.closed.then(() => this.calls.lost(channel));
    return channel;
  }
}

import { deadline, EventPublisher, NetworkError, throwIfAborted } from "@net/core";
import type { PeerMetrics } from "@net/qos";
import { type NetworkStats, ToolRouter, type TopologyGraph } from "@net/routing";
import { DEFAULT_TOKEN_LIFETIME, type TokenClaims, TokenIssuer } from "./admission/token.ts";
import { callEnding, ToolCall } from "./calls/tool-call.ts";
import type { Identify } from "./discovery/range/identify.ts";
import type { ConnectedPeer, OutgoingMessage, PeerNetworkEvents } from "./events.ts";
import { attachRouter, type ExecutionNetwork } from "./executor/attachment.ts";
import { bestOfEight } from "./executor/best-of-eight.ts";
import { mapBounded } from "./executor/parallel.ts";
import type { PublishOptions } from "./gossip/pubsub/pub-sub.ts";
import type { SubscribeOptions, Subscription, TopicHandler } from "./gossip/pubsub/subscription.ts";
import { assertMessage } from "./messages.ts";
import { type CallOptions, refusedCall } from "./options/call-options.ts";
import { warnOfWeakSecret } from "./options/secret.ts";
import { type PeerNetworkOptions, type PeerNetworkSettings, readOptions } from "./options.ts";
import { PeerNode } from "./peer-node.ts";
import { Presence } from "./presence.ts";
import { stopped } from "./stopped.ts";
import { parseManifests, type ToolManifest } from "./tools/manifest.ts";
import { assertCapable, type ToolDefinition, type ToolHandler } from "./tools/tool.ts";
import type { ToolExecutor } from "./tools/tool-executor.ts";

/** How long other peers may take to tell of their tools, in ms. */
const DESCRIBE_TIMEOUT = 5_000;
const DESCRIBED_AT_ONCE = 16;

export interface ConnectOptions {
  /** One that this peer was given. Default: it makes its own, if it knows the secret. */
  readonly token?: string | Promise<string> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What is known of the connection to a neighbour. */
export interface QoSMetrics extends PeerMetrics {
  /** 0 (unusable) to 100 (perfect). */
  readonly healthScore: number;
}

/**
 * One peer of a network without a server: it finds its way to all others over links to a few, calls their tools, and
 * runs its own for them.
 *
 * @example
 * ```ts
 * await using network = new PeerNetwork({ peerId: "laptop", jwtSecret });
 * network.registerTool({ name: "greet" }, (name) => `Hello, ${name}`);
 * await network.start();
 * await network.connectToPeer("127.0.0.1", 8081);
 * await network.executeRemoteTool("gpu-box", "train", { epochs: 3 });
 * ```
 */
export class PeerNetwork extends EventPublisher<PeerNetworkEvents> implements AsyncDisposable {
  readonly #settings: PeerNetworkSettings;
  readonly #issuer: TokenIssuer;
  readonly #node: PeerNode;
  readonly #presence: Presence;
  readonly #executionNetwork: ExecutionNetwork;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  /** @throws ValidationError naming the option and what it must be. */
  constructor(options: PeerNetworkOptions) {
    super();
    const settings = readOptions(options);
    const { jwtSecret: secret } = settings;
    this.#settings = settings;
    this.#issuer = new TokenIssuer({ ...settings, secret });
    if (this.#issuer.weak) {
      warnOfWeakSecret("jwtSecret", "whoever hears a token can guess it", options.logger);
    }
    this.#node = new PeerNode(settings, this.#issuer, this.events);
    this.#presence = new Presence(settings, this.#node);
    this.#executionNetwork = this.#node.executionNetwork();
  }

  get peerId(): string {
    return this.#settings.peerId;
  }

  get capabilities(): readonly string[] {
    return this.#settings.capabilities;
  }

  /** Where others dial this peer; undefined before `start`, and over a transport that only dials. */
  get address(): string | undefined {
    return this.#presence.address;
  }

  /** The tools of this peer, which others may call. */
  get tools(): ToolExecutor {
    return this.#node.tools;
  }

  /**
   * Listens, and tells others that this peer is here.
   *
   * @throws ConnectionError `ADDRESS_IN_USE`, `ADDRESS_UNAVAILABLE`; AbortedError; ClosedError after `stop`. Then
   *   nothing is left open.
   */
  async start({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (this.#stopping) throw stopped();
    throwIfAborted(signal);
    this.#starting ??= this.#presence.begin(signal).catch((error: unknown) => {
      this.#starting = undefined;
      throw error;
    });
    await this.#starting;
  }

  /** Ends everything: calls, links, listening. Stopping twice is stopping once. */
  async stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    await this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /**
   * A link to the peer at that address, dialled anew whenever it ends, until `stop`, or the peer refuses. If there is
   * a link to that peer already, or it is dialling this one, that one counts: the token is not shown on it, and that this
   * resolves says nothing of the token.
   *
   * @throws AuthenticationError, PermissionError if either side refuses the other; OverloadedError; ConnectionError;
   *   NetworkTimeoutError `handshake`; AbortedError; ClosedError after `stop`; NetworkError `INVALID_STATE` before
   *   `start`.
   */
  async connect(address: string, { token, signal }: ConnectOptions = {}): Promise<ConnectedPeer> {
    this.#assertRunning();
    const link = await this.#node.links.connect(address, { token: await token, signal });
    return this.#node.connectedPeer(link);
  }

  /** As {@link PeerNetwork.connect}, over WebSockets, or with `enableTLS` over TLS. */
  async connectToPeer(
    host: string,
    port: number,
    token?: string | Promise<string>,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<ConnectedPeer> {
    return await this.connect(this.#settings.addressOf(host, port), { token, signal });
  }

  /**
   * A token that lets a peer in, within `expiresIn` ms (default 5 minutes). With a `jwtSecret` it is made with that, and counts for
   * whoever knows it; without, this device signs it, and it counts where this device is trusted to let others in.
   *
   * @throws ValidationError for claims that are set here.
   */
  async generateJWT(
    claims: TokenClaims = {},
    { expiresIn = DEFAULT_TOKEN_LIFETIME }: { readonly expiresIn?: number } = {},
  ): Promise<string> {
    return await this.#issuer.issue(claims, expiresIn);
  }

  /** The neighbours, in the order they came. */
  getConnectedPeers(): ConnectedPeer[] {
    return [...this.#node.links.table].map((link) => this.#node.connectedPeer(link));
  }

  /** Figures of the whole network. They count every peer that has links, whether or not relays lead to it. */
  getNetworkStats(): NetworkStats {
    return this.#node.mesh.topology.getNetworkStats();
  }

  /**
   * Nodes and links, ready to draw. A node has `hops` if it can be reached. A peer that does not relay says so by the
   * highest cost there is (2³² − 1) in its direction of a link.
   */
  getTopologyGraph(): TopologyGraph {
    return this.#node.mesh.graph();
  }

  /** What is known of the connection to a neighbour; undefined before its first heartbeat. */
  getQoSMetrics(peerId: string): QoSMetrics | undefined {
    const { qos } = this.#node;
    const metrics = qos.getMetrics(peerId);
    return metrics && { ...metrics, healthScore: qos.getHealthScore(peerId) };
  }

  /**
   * Sends a message to any peer that can be reached. Resolves when it has left; whether it arrives is not known.
   *
   * @throws NetworkError `NO_ROUTE`; ValidationError; OverloadedError; ClosedError; AbortedError.
   */
  async send(
    peerId: string,
    message: OutgoingMessage,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    await this.#node.messages.send(peerId, message, signal);
  }

  /**
   * Sends a message to all peers that can be reached, each of which gets it once; signed by this device, so that nobody on
   * the way can change it. Relays can read it.
   *
   * @returns how many peers can be reached now.
   * @throws ValidationError; RateLimitError beyond 100 a second; ClosedError after `stop`.
   */
  broadcast(message: OutgoingMessage): number {
    const { type, data } = assertMessage(message);
    return this.#node.mesh.gossip.broadcast(type, data);
  }

  /**
   * Takes what is published to a topic, or to topics below it: `sensors.*`, `*`. With a handler each publication is handed to
   * it; without, iterate over the result. Close it to take no more.
   *
   * @throws ValidationError; OverloadedError beyond 256 different topics; ClosedError after `stop`.
   * @example
   * ```ts
   * using temperature = network.subscribe("sensors.*", ({ topic, from, data }) => console.log(topic, from, data));
   * ```
   */
  subscribe(topic: string, handler?: TopicHandler, options: SubscribeOptions = {}): Subscription {
    return this.#node.mesh.gossip.subscribe(topic, options, handler);
  }

  /**
   * Sends something to all who are subscribed to a topic, wherever they are, this peer included; signed as a broadcast is.
   *
   * @returns how many other peers are, as far as is known.
   * @throws as {@link PeerNetwork.broadcast}.
   */
  publish(topic: string, data?: unknown, options: PublishOptions = {}): number {
    return this.#node.mesh.gossip.publish(topic, data, options);
  }

  /**
   * Offers a tool to all peers. Calling the result takes it back.
   *
   * @throws ValidationError, also if this peer lacks a capability that the tool `requires`; NetworkError `CONFLICT`.
   */
  registerTool<Args = unknown, Result = unknown>(
    definition: ToolDefinition<Args>,
    handler: ToolHandler<Args, Result>,
  ): () => void {
    assertCapable(definition, this.capabilities);
    return this.tools.register(definition, handler);
  }

  /**
   * Calls a tool of any peer that can be reached, or of this one: await the call for its result, iterate over its
   * `progress` meanwhile.
   *
   * It rejects with RemoteError or whatever of the family the tool threw; NetworkError `NO_ROUTE`, `TOOL_NOT_FOUND`;
   * OverloadedError, PermissionError, ValidationError of the peer; AbortedError, NetworkTimeoutError
   * `DEADLINE_EXCEEDED`, and the tool's signal aborts. If the peer is lost after the call was sent: ConnectionError
   * `CONNECTION_LOST` if it may be repeated (the tool is idempotent, or there is a key), else `OUTCOME_UNKNOWN`.
   */
  call<T = unknown>(
    peerId: string,
    tool: string,
    args?: unknown,
    options: CallOptions = {},
  ): ToolCall<T> {
    const { calls, mesh } = this.#node;
    const isRepeatable = (): boolean =>
      options.idempotencyKey !== undefined || mesh.isIdempotent(peerId, tool);
    return new ToolCall<T>((sink, end) => {
      const refusal = refusedCall(options);
      if (refusal) return end(refusal);
      calls.ask(peerId, { ...options, tool, args, ...sink }, (outcome) =>
        end(callEnding(peerId, outcome, isRepeatable)),
      );
    });
  }

  /** The value of a {@link PeerNetwork.call}. */
  async executeRemoteTool<T = unknown>(
    peerId: string,
    tool: string,
    args?: unknown,
    options: CallOptions = {},
  ): Promise<T> {
    return (await this.call<T>(peerId, tool, args, options)).value;
  }

  /** What a peer tells of its tools: names, descriptions, schemas. @throws as a call would. */
  async describeTools(
    peerId: string,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<readonly ToolManifest[]> {
    if (peerId === this.peerId) return this.tools.describeTools();
    return parseManifests(await this.#node.calls.describe(peerId, signal));
  }

  /**
   * What every peer that can be reached tells of its tools, this one included. Who does not answer within 5 s is left out.
   *
   * @throws AbortedError
   */
  async peerTools({
    signal,
  }: {
    readonly signal?: AbortSignal | undefined;
  } = {}): Promise<ReadonlyMap<string, readonly ToolManifest[]>> {
    const { clock } = this.#settings;
    using limit = deadline(DESCRIBE_TIMEOUT, signal, { clock });
    const peers = [this.peerId, ...this.#node.mesh.reachable().map(({ peerId }) => peerId)];
    const described = await mapBounded(peers, DESCRIBED_AT_ONCE, async (peerId) => {
      const tools = this.describeTools(peerId, { signal: limit.signal });
      return [peerId, await tools.catch(() => undefined)] as const;
    });
    throwIfAborted(signal);
    return new Map(described.filter((entry): entry is [string, ToolManifest[]] => !!entry[1]));
  }

  /** Calls back whenever any peer's tools, or which peers can be reached, may have changed, until the result is called. */
  watchTools(listener: () => void): () => void {
    return this.on("topology:updated", listener);
  }

  /**
   * Who is at an address: dials it, lets it prove who it is, and leaves. For `discoverNodes`, as `identify`.
   *
   * @returns undefined if it is no peer of this network, or refuses this one.
   */
  readonly identify: Identify = async (address, { signal }) => {
    try {
      const known = await this.#node.links.identify(address, signal);
      return { publicKey: known.device, peerId: known.peerId, peerName: known.peerName };
    } catch (error) {
      if (!NetworkError.is(error)) throw error;
      throwIfAborted(signal);
      return undefined;
    }
  };

  /** A router for a `DistributedExecutor`, which knows this network, how long its peers take, and how busy they are. */
  router(): ToolRouter {
    const { quality } = this.#node.calls;
    return this.attach(new ToolRouter({ quality, rng: this.#settings.rng, strategy: bestOfEight }));
  }

  /**
   * Lets a router of your own choose among the peers of this network.
   *
   * @throws ValidationError if it is none, or has another network.
   */
  attach(router: ToolRouter): ToolRouter {
    attachRouter(router, this.#executionNetwork);
    return router;
  }

  async #stop(): Promise<void> {
    // A start that failed has left nothing, and has told its caller.
    await this.#starting?.catch(() => {});
    await Promise.all([this.#presence.end(), this.#node.close()]);
  }

  #assertRunning(): void {
    if (this.#stopping) throw stopped();
    if (this.#starting) return;
    throw new NetworkError("INVALID_STATE", "this peer was not started: call start() first");
  }
}

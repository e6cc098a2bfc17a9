import { type Clock, NetworkError, type Rng } from "@net/core";
import type { QoSManager } from "@net/qos";
import type { NetworkTopology } from "@net/routing";
import { hostOf } from "../address.ts";
import type { Channel } from "../channel/channel.ts";
import type { ChannelWatch } from "../channel/watch.ts";
import type { Lifelines } from "../liveness/lifeline/lifelines.ts";
import { metricsOf } from "../liveness/link-cost.ts";
import { MeshLiveness } from "../liveness/mesh-liveness.ts";
import type { PeerLiveness } from "../liveness/peer-liveness.ts";
import { PeerStates } from "../liveness/peer-states.ts";
import type { LivenessVerdict } from "../liveness/verdict.ts";
import type { Frame } from "../wire/frame.ts";
import { FrameKind } from "../wire/kinds.ts";
import { decodeLifeline, encodeLifeline } from "../wire/lifeline.ts";
import { decodeLiveness, encodeLiveness } from "../wire/liveness.ts";

export interface WatchkeeperOptions {
  /** This peer. */
  readonly self: string;
  readonly topology: NetworkTopology;
  readonly qos: QoSManager;
  readonly heartbeatInterval: number;
  readonly lifelines: Lifelines;
  readonly clock: Clock;
  readonly rng: Rng;
  /** To whom that peer has links, as far as is known. */
  readonly neighboursOf: (peerId: string) => readonly string[];
  /** How long the oldest call over that link waits for its answer, in ms; undefined if none does. */
  readonly oldestUnansweredMs: (link: Channel) => number | undefined;
  /** What is thought of a neighbour has changed. */
  readonly onChanged: (peerId: string, verdict: LivenessVerdict) => void;
  /** This process did not run for a while. */
  readonly onWake: (asleepMs: number) => void;
}

/** Keeps watch over the neighbours: what is seen of them becomes what routes cost, and ends links that are dead. */
export class Watchkeeper implements Disposable {
  readonly states: PeerStates;
  readonly #options: WatchkeeperOptions;
  readonly #liveness: MeshLiveness;
  readonly #links = new Map<string, Channel>();

  constructor(options: WatchkeeperOptions) {
    const { self, topology } = options;
    this.#options = options;
    this.#liveness = new MeshLiveness(options);
    const liveness = this.#liveness;
    this.states = new PeerStates({ self, liveness, topology });
    liveness.on("measured", (peerId, rttMs, wasLost) => this.#measured(peerId, rttMs, wasLost));
    liveness.on("lost", (peerId) => this.#missed(peerId));
    liveness.on("changed", (peerId, verdict) => this.#changed(peerId, verdict));
    liveness.on("wake", (asleepMs) => options.onWake(asleepMs));
  }

  /** Watches a link that is about to open. */
  watch(link: Channel): ChannelWatch {
    const { peerId } = link;
    this.#links.set(peerId, link);
    const liveness = this.#liveness.add({
      peerId,
      send: (message) => link.control(encodeLiveness(message)),
      oldestUnansweredMs: () => this.#options.oldestUnansweredMs(link),
      askLifeline: () => this.#options.lifelines.ask(peerId),
    });
    return {
      heard: () => liveness.heard(),
      asked: () => liveness.asked(),
      progressed: () => liveness.progressed(),
      receive: (frame) => this.#receive(link, frame),
      [Symbol.dispose]: () => this.#forget(link, liveness),
    };
  }

  /** Gives a new neighbour what it needs to ask for this process while its main thread is blocked, if it has a lifeline. */
  offerLifeline(link: Channel): void {
    const ticket = this.#options.lifelines.offer();
    if (ticket) link.control(encodeLifeline(ticket));
  }

  /** There was a sign that the link to that neighbour may be stale. */
  doubt(peerId: string): void {
    this.#liveness.get(peerId)?.doubt();
  }

  /** The links may be stale, all of them: this machine has another address, for instance. */
  doubtAll(): void {
    this.#liveness.doubtAll();
  }

  [Symbol.dispose](): void {
    this.states[Symbol.dispose]();
    this.#liveness[Symbol.dispose]();
  }

  #receive({ peerId, address }: Channel, frame: Frame): void {
    if (frame.kind !== FrameKind.lifeline) {
      this.#liveness.receive(peerId, decodeLiveness(frame));
      return;
    }
    const host = hostOf(address);
    const ticket = decodeLifeline(frame);
    if (host !== undefined) this.#options.lifelines.learn(peerId, { host, ...ticket });
  }

  #forget(link: Channel, liveness: PeerLiveness): void {
    if (this.#links.get(link.peerId) === link) {
      this.#links.delete(link.peerId);
      this.#options.lifelines.forget(link.peerId);
    }
    this.#liveness.remove(link.peerId, liveness);
  }

  #measured(peerId: string, rttMs: number, wasLost: boolean): void {
    const { qos } = this.#options;
    this.#links.get(peerId)?.measured(rttMs);
    qos.recordLatency(peerId, rttMs);
    if (!wasLost) qos.recordLoss(peerId, false);
    this.#tellTopology(peerId);
  }

  #missed(peerId: string): void {
    this.#options.qos.recordLoss(peerId, true);
    this.#tellTopology(peerId);
  }

  #changed(peerId: string, verdict: LivenessVerdict): void {
    const { state, reason } = verdict;
    this.#options.onChanged(peerId, verdict);
    if (state !== "dead") this.#tellTopology(peerId);
    else
      this.#links.get(peerId)?.abort({ code: "timeout", message: messages.get(reason) ?? reason });
  }

  /** What routes over that link cost from now on. */
  #tellTopology(peerId: string): void {
    if (!this.#links.has(peerId)) return;
    const state = this.#liveness.verdict(peerId)?.state ?? "alive";
    const measured = this.#options.qos.getMetrics(peerId) ?? {};
    try {
      this.#options.topology.observeLink(peerId, metricsOf(state, measured));
    } catch (error) {
      if (!NetworkError.is(error)) throw error;
    }
  }
}

/** Why a link was given up, for people. */
const messages: ReadonlyMap<string, string> = new Map([
  ["silent", "nothing was heard of it"],
  ["deaf", "it answered no probe"],
  ["link", "nothing came over this link, though it lives"],
  ["stale", "the link did not survive"],
  ["blocked", "its main thread did not run"],
]);

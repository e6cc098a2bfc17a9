import { type Clock, EventPublisher, type Rng } from "@net/core";
import { IndirectProbes } from "./indirect-probes.ts";
import { LocalHealth } from "./local-health.ts";
import type { LivenessMessage, ProbeReport } from "./messages.ts";
import { PeerLiveness } from "./peer-liveness.ts";
import { ProbesForOthers } from "./probes-for-others.ts";
import { Rumours } from "./rumours.ts";
import { type LivenessTiming, livenessTiming } from "./timing.ts";
import type { LivenessVerdict } from "./verdict.ts";

/** A link to a neighbour, as the one who watches it sees it. */
export interface WatchedNeighbour {
  readonly peerId: string;
  /** Sends it before all else, or not at all. Must not throw. */
  send(message: LivenessMessage): void;
  /** How long the oldest call to it waits for its answer, in ms; undefined if none does. Asked twice a second. */
  oldestUnansweredMs?(): number | undefined;
  /** How long ago its main thread ticked, in ms, as its lifeline says; undefined if that does not answer. Must not reject. */
  askLifeline?(): Promise<number | undefined>;
}

export interface MeshLivenessOptions {
  /** This peer. */
  readonly self: string;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Between two probes on an idle link, in ms. */
  readonly heartbeatInterval: number;
  /** To whom that peer has links, as far as is known. */
  readonly neighboursOf: (peerId: string) => readonly string[];
  /** Whether this peer would rather not get new work. Default: never. */
  readonly isBusy?: () => boolean;
}

export interface MeshLivenessEvents {
  /** A neighbour's state, or the reason for it, is another. Of `dead` no more will come: its link must be ended. */
  changed: readonly [peerId: string, verdict: LivenessVerdict, before: LivenessVerdict];
  /** A probe was answered; `wasLost` if it came so late that it was told as lost before. */
  measured: readonly [peerId: string, rttMs: number, wasLost: boolean];
  /** A probe was not answered before another one was due. */
  lost: readonly [peerId: string];
  /** This process did not run for so long, in ms; all neighbours are being asked whether they are still there. */
  wake: readonly [asleepMs: number];
}

/**
 * Watches all neighbours of this peer, and helps them watch each other.
 *
 * Nobody is declared dead because of what others say: their word only shortens how long this peer itself waits, or spares a
 * neighbour whose link is broken from being taken for dead. So a liar gains nothing, and there is no list of members to agree
 * on: that a link is bad or gone is told to the network by this peer's advert.
 *
 * @example
 * ```ts
 * const liveness = new MeshLiveness({ self: "a", clock, rng, heartbeatInterval: 5_000, neighboursOf });
 * const watch = liveness.add({ peerId: "b", send: (message) => link.offer(encode(message), "heartbeat") });
 * link.onFrame(() => watch.heard());
 * liveness.on("changed", (peerId, { state }) => state === "dead" && link.abort());
 * ```
 */
export class MeshLiveness extends EventPublisher<MeshLivenessEvents> implements Disposable {
  readonly health: LocalHealth;
  readonly #options: MeshLivenessOptions;
  readonly #timing: LivenessTiming;
  readonly #watched = new Map<string, { neighbour: WatchedNeighbour; liveness: PeerLiveness }>();
  readonly #indirect: IndirectProbes;
  readonly #errands: ProbesForOthers;
  readonly #rumours: Rumours;

  /** @throws ValidationError */
  constructor(options: MeshLivenessOptions) {
    super();
    const { clock, rng, heartbeatInterval } = options;
    this.#options = options;
    this.#timing = livenessTiming(heartbeatInterval);
    this.health = new LocalHealth({ clock, wakeAfter: this.#timing.wakeMs });
    this.health.on("wake", (asleepMs) => this.#woke(asleepMs));
    this.health.on("looked", () => this.#reconsider());
    this.#indirect = new IndirectProbes({
      rng,
      candidates: (target) => this.#inCommon(target).filter((id) => this.#isAlive(id)),
      request: (helper, request) => this.#send(helper, request),
    });
    this.#errands = new ProbesForOthers({
      clock,
      neighbour: (peerId) => this.get(peerId),
      report: (asker, report) => this.#send(asker, report),
    });
    this.#rumours = new Rumours({
      ...{ self: options.self, clock },
      watched: (peerId) => this.get(peerId),
      neighbours: () => this.#watched.keys(),
      inCommon: (peerId) => this.#inCommon(peerId),
      send: (to, message) => this.#send(to, message),
      onSuspected: () => this.health.worse(),
    });
  }

  /** Watches a neighbour from now on, and probes it at once. The result must hear of every frame from it. */
  add(neighbour: WatchedNeighbour): PeerLiveness {
    const { peerId } = neighbour;
    this.remove(peerId);
    const { clock, self } = this.#options;
    const liveness = new PeerLiveness({
      ...{ clock, health: this.health, timing: this.#timing, goesFirst: self < peerId },
      probe: (number) => neighbour.send({ type: "probe", number }),
      seekHelp: () => this.#seekHelp(peerId),
      oldestUnansweredMs: () => neighbour.oldestUnansweredMs?.(),
      onRoundTrip: (rttMs, wasLost) => this.emit("measured", peerId, rttMs, wasLost),
      onLost: () => this.emit("lost", peerId),
      onChange: (verdict, before) => this.#changed(peerId, verdict, before),
    });
    this.#watched.set(peerId, { neighbour, liveness });
    return liveness;
  }

  /**
   * The link to it has ended.
   *
   * @param only what {@link MeshLiveness.add} gave for that link: should there be another one by now, it stays.
   */
  remove(peerId: string, only?: PeerLiveness): void {
    const liveness = this.get(peerId);
    if (!liveness || (only && only !== liveness)) return;
    liveness[Symbol.dispose]();
    this.#watched.delete(peerId);
    this.#indirect.forget(peerId);
    this.#errands.forget(peerId);
  }

  get(peerId: string): PeerLiveness | undefined {
    return this.#watched.get(peerId)?.liveness;
  }

  /** What is thought of that neighbour; undefined if it is none. */
  verdict(peerId: string): LivenessVerdict | undefined {
    return this.get(peerId)?.verdict;
  }

  /** A message of a neighbour, of which {@link PeerLiveness.heard} was told before. */
  receive(from: string, message: LivenessMessage): void {
    const liveness = this.get(from);
    if (!liveness) return;
    switch (message.type) {
      case "probe":
        liveness.wasProbed();
        this.#send(from, this.#ack(message.number));
        break;
      case "probe-ack":
        liveness.answered(message);
        break;
      case "probe-request":
        this.#errands.run(from, message);
        break;
      case "probe-report":
        this.#reported(from, message);
        break;
      case "suspect":
        this.#rumours.suspected(from, message);
        break;
      case "refute":
        this.#rumours.refuted(from, message);
        break;
    }
  }

  /** The links may be stale, all of them: this machine has another address, for instance. */
  doubtAll(): void {
    for (const { liveness } of this.#watched.values()) liveness.doubt();
  }

  /** Watches nobody any more. Disposing twice is fine. */
  [Symbol.dispose](): void {
    this.health[Symbol.dispose]();
    this.#errands[Symbol.dispose]();
    for (const peerId of [...this.#watched.keys()]) this.remove(peerId);
  }

  #ack(number: number): LivenessMessage {
    const { health } = this;
    const busy = this.#options.isBusy?.() ?? false;
    const { incarnation } = this.#rumours;
    return { type: "probe-ack", number, incarnation, loopLagMs: health.loopLagMs, busy };
  }

  #send(peerId: string, message: LivenessMessage): void {
    this.#watched.get(peerId)?.neighbour.send(message);
  }

  #woke(asleepMs: number): void {
    this.doubtAll();
    this.emit("wake", asleepMs);
  }

  /** One timer for all neighbours: calls need not be told one by one. */
  #reconsider(): void {
    for (const { liveness } of this.#watched.values()) liveness.reconsider();
  }

  /** Neighbours of both. */
  #inCommon(target: string): readonly string[] {
    const theirs = this.#options.neighboursOf(target);
    return theirs.filter((id) => id !== target && this.#watched.has(id));
  }

  #isAlive(peerId: string): boolean {
    return this.verdict(peerId)?.state === "alive";
  }

  #seekHelp(peerId: string): void {
    const watched = this.#watched.get(peerId);
    if (!watched) return;
    const { neighbour, liveness } = watched;
    liveness.helpersAsked(this.#indirect.ask(peerId));
    void neighbour.askLifeline?.().then((tickedMsAgo) => {
      if (tickedMsAgo !== undefined) liveness.lifelineAnswered(tickedMsAgo);
    });
  }

  #changed(peerId: string, verdict: LivenessVerdict, before: LivenessVerdict): void {
    if (verdict.state === "suspect" && verdict.reason === "silent") this.#rumours.tell(peerId);
    this.emit("changed", peerId, verdict, before);
  }

  #reported(helper: string, report: ProbeReport): void {
    if (!this.#indirect.accept(helper, report)) return;
    this.get(report.target)?.reported(helper, report.reached);
  }
}

import type { Clock } from "@net/core";
import type { LivenessMessage, Refute, Suspect } from "./messages.ts";
import type { PeerLiveness } from "./peer-liveness.ts";

/** The most others that are told: those who could confirm, or who should know. */
const MAX_TOLD = 8;
/** Between two refutations at least, in ms: whoever suspects this peer all the time must not make it shout all the time. */
const REFUTE_EVERY = 1_000;

export interface RumoursOptions {
  /** This peer. */
  readonly self: string;
  readonly clock: Clock;
  readonly watched: (peerId: string) => PeerLiveness | undefined;
  readonly neighbours: () => Iterable<string>;
  /** Neighbours that have a link to that peer too, as far as is known. */
  readonly inCommon: (peerId: string) => readonly string[];
  readonly send: (to: string, message: LivenessMessage) => void;
  /** This peer is suspected: the trouble may be here. */
  readonly onSuspected: () => void;
}

/**
 * Suspicions and refutations among neighbours, SWIM's and Lifeguard's. They change what is believed only as far as the word of
 * one other goes, and are not passed on further than to those who have a link to the suspect as well.
 */
export class Rumours {
  readonly #options: RumoursOptions;
  #incarnation = 0;
  #refutedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: RumoursOptions) {
    this.#options = options;
  }

  /** How often this peer has refuted that it is gone. */
  get incarnation(): number {
    return this.#incarnation;
  }

  /** Lifeguard's buddy system: the suspect hears of it too, should the link still carry something. */
  tell(peerId: string): void {
    const { watched, send } = this.#options;
    const incarnation = watched(peerId)?.incarnation ?? 0;
    for (const each of [peerId, ...this.#inCommon(peerId)]) {
      send(each, { type: "suspect", peerId, incarnation });
    }
  }

  suspected(from: string, suspicion: Suspect): void {
    const { peerId } = suspicion;
    if (peerId === this.#options.self) this.#refute(suspicion.incarnation);
    else if (peerId !== from) this.#consider(from, suspicion);
  }

  refuted(from: string, { peerId, incarnation }: Refute): void {
    const liveness = this.#options.watched(peerId);
    if (!liveness || incarnation <= liveness.incarnation) return;
    // What others say of its incarnation is not kept: a liar could make every later suspicion look old.
    if (peerId !== from) liveness.reported(from, true);
    else this.#passOn(liveness, peerId, incarnation);
  }

  /** It is old, or confirms what was noticed here too, or is a reason to look. */
  #consider(from: string, { peerId, incarnation: suspected }: Suspect): void {
    const liveness = this.#options.watched(peerId);
    if (!liveness) return;
    const { incarnation } = liveness;
    if (suspected < incarnation) {
      this.#options.send(from, { type: "refute", peerId, incarnation });
      return;
    }
    liveness.reported(from, false);
    liveness.check();
  }

  /**
   * Once for each incarnation that is suspected; a higher one than the own is a lie. To all: whoever suspects this peer is
   * among them, or hears it from one.
   */
  #refute(suspected: number): void {
    const { self, clock, neighbours, send, onSuspected } = this.#options;
    const now = clock.monotonicMs();
    if (suspected !== this.#incarnation || now - this.#refutedAtMs < REFUTE_EVERY) return;
    this.#refutedAtMs = now;
    this.#incarnation += 1;
    onSuspected();
    for (const to of neighbours()) {
      send(to, { type: "refute", peerId: self, incarnation: this.#incarnation });
    }
  }

  /** Those who suspect it do not hear it themselves. */
  #passOn(liveness: PeerLiveness, peerId: string, incarnation: number): void {
    liveness.knowIncarnation(incarnation);
    for (const each of this.#inCommon(peerId)) {
      this.#options.send(each, { type: "refute", peerId, incarnation });
    }
  }

  #inCommon(peerId: string): readonly string[] {
    return this.#options.inCommon(peerId).slice(0, MAX_TOLD);
  }
}

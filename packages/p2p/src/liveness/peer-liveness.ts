import type { Clock } from "@net/core";
import { Alarm } from "./alarm.ts";
import { AnswerTimes } from "./answer-times.ts";
import { Hearsay } from "./hearsay.ts";
import { type Evidence, judge } from "./judge.ts";
import type { LocalHealth } from "./local-health.ts";
import type { ProbeAck } from "./messages.ts";
import { nextProbeAtMs } from "./probe-plan.ts";
import type { LivenessTiming } from "./timing.ts";
import { Turn } from "./turn.ts";
import { type Finding, isWorse, type LivenessVerdict } from "./verdict.ts";
import { WaitingProbes } from "./waiting-probes.ts";

/** Its event loop is so late, in ms, that new work had better go elsewhere. */
const MUCH_LAG = 500;
/** Before somebody is accused, all that has arrived is read: after a pause, timers ring before sockets are looked at. */
const LOOK_AGAIN = 1;

export interface PeerLivenessOptions {
  readonly clock: Clock;
  readonly health: LocalHealth;
  readonly timing: LivenessTiming;
  /** Of two ends that probe at the same moment, this one does so first the next time. The other end must say the contrary. */
  readonly goesFirst: boolean;
  /** Sends a probe with that number, now or never. */
  readonly probe: (number: number) => void;
  /** It is late: others, and its lifeline, are to be asked. */
  readonly seekHelp: () => void;
  /** How long the oldest call to it, or through it, waits for its answer, in ms; undefined if none does. */
  readonly oldestUnansweredMs?: (() => number | undefined) | undefined;
  /** A probe was answered; or what was told as lost after all. */
  readonly onRoundTrip: (rttMs: number, wasLost: boolean) => void;
  /** A probe was not answered before another one was due. */
  readonly onLost: () => void;
  readonly onChange: (verdict: LivenessVerdict, before: LivenessVerdict) => void;
}

/**
 * Whether one neighbour lives: gathers evidence, asks when it is silent, and says what it thinks.
 *
 * Whatever is heard is a sign of life. An idle link carries one probe for each `heartbeatInterval`, from one end and the
 * other by turns; while an answer is owed, half a second of silence is a reason to probe. Then SWIM: a probe that is
 * late by φ-accrual is repeated and others are asked; if that brings nothing, the neighbour is suspected, and dead after a
 * time that shrinks with each independent confirmation.
 */
export class PeerLiveness implements Disposable {
  readonly #options: PeerLivenessOptions;
  readonly #times = new AnswerTimes();
  readonly #probes = new WaitingProbes();
  readonly #hearsay = new Hearsay();
  readonly #turn: Turn;
  readonly #alarm: Alarm;
  readonly #listeners = new Set<() => void>();
  #verdict: LivenessVerdict;
  #heardAtMs: number;
  #measuredAtMs: number;
  /** Since when something that wants an answer is under way, and nothing was heard. */
  #askedAtMs: number | undefined;
  #helpAtMs = Number.NEGATIVE_INFINITY;
  #saysBusy = false;
  #isDoubted = false;
  #looksAgain = false;
  #incarnation = 0;

  /** Sends the first probe at once. */
  constructor(options: PeerLivenessOptions) {
    const { clock, health } = options;
    this.#options = options;
    this.#verdict = { state: "alive", reason: "answers", sinceMs: clock.monotonicMs() };
    this.#heardAtMs = health.attentiveMs();
    this.#measuredAtMs = this.#heardAtMs;
    this.#turn = new Turn(options.goesFirst);
    this.#alarm = new Alarm(clock, () => this.#look());
    this.#probe(this.#heardAtMs);
    this.#arm(this.#heardAtMs);
  }

  get verdict(): LivenessVerdict {
    return this.#verdict;
  }

  /** The newest incarnation that is known of it. */
  get incarnation(): number {
    return this.#incarnation;
  }

  /** A frame came from it. Cheap: made for every frame. */
  heard(): void {
    if (this.#isOver) return;
    const now = this.#options.health.attentiveMs();
    this.#heardAtMs = now;
    this.#askedAtMs = undefined;
    if (this.#isCalm) return;
    this.#isDoubted = false;
    this.#hearsay.forget();
    for (const listener of this.#listeners) listener();
    // The frame may be an answer, which says more: not before it was read.
    this.#alarm.byAfter(LOOK_AGAIN);
  }

  /**
   * Something that wants an answer was sent to it: a frame that it is to pass on, say. Cheap. Calls of which
   * `oldestUnansweredMs` tells need not be told here too.
   */
  asked(): void {
    if (this.#isOver || this.#askedAtMs !== undefined) return;
    const { health, timing } = this.#options;
    this.#askedAtMs = health.attentiveMs();
    this.#alarm.byAfter(timing.owedMs);
  }

  /** There may be calls by now: it is probed as soon as they make it due. */
  reconsider(): void {
    if (this.#isOver || this.#probes.sinceMs !== undefined) return;
    const now = this.#options.health.attentiveMs();
    this.#alarm.byAfter(this.#dueMs(now) - now);
  }

  /** A link that was full takes frames again: the other end reads. */
  progressed(): void {
    this.#hearsay.read(this.#options.health.attentiveMs());
  }

  /** It has sent a probe: after this it is our turn. */
  wasProbed(): void {
    this.#turn.theirs(this.#probes.sinceMs !== undefined);
  }

  /** It has answered a probe. */
  answered({ number, incarnation, loopLagMs, busy }: ProbeAck): void {
    if (this.#isOver) return;
    const now = this.#options.health.attentiveMs();
    this.knowIncarnation(incarnation);
    const answer = this.#probes.answered(number, now);
    if (!answer) return;
    this.#turn.ours();
    this.#saysBusy = busy || loopLagMs >= MUCH_LAG;
    this.#measuredAtMs = now;
    this.#times.answered(answer.rttMs);
    this.#options.onRoundTrip(answer.rttMs, answer.wasLost);
    this.#judge(now);
    this.#arm(now);
  }

  knowIncarnation(incarnation: number): void {
    this.#incarnation = Math.max(this.#incarnation, incarnation);
  }

  /** These were asked to probe it. */
  helpersAsked(helpers: readonly string[]): void {
    this.#hearsay.asked(helpers);
  }

  /** A helper has probed it for us, or it has refuted over others that it is gone. */
  reported(helper: string, reached: boolean): void {
    if (this.#isOver) return;
    const now = this.#options.health.attentiveMs();
    if (reached) this.#hearsay.reached(now);
    else this.#hearsay.silentTo(helper);
    this.#judge(now);
    this.#arm(now);
  }

  /** Its lifeline has answered: its main thread last ticked so long ago. */
  lifelineAnswered(tickedMsAgo: number): void {
    if (this.#isOver) return;
    const now = this.#options.health.attentiveMs();
    this.#hearsay.lifeline(tickedMsAgo, now);
    this.#judge(now);
  }

  /** Asks it now, whatever was heard: somebody wants to know. */
  check(): void {
    if (this.#isOver) return;
    const now = this.#options.health.attentiveMs();
    const { sinceMs, lastAtMs } = this.#probes;
    const wasJustAsked = sinceMs !== undefined && now < lastAtMs + this.#options.timing.repeatMs;
    if (!wasJustAsked) this.#probe(now);
    this.#arm(now);
  }

  /**
   * The link may be stale: this machine slept, lost its address, or the peer dials anew. What was asked before means
   * nothing any more; if the link does not answer now, by what is usual for it, it is dead. Who doubts already goes on.
   */
  doubt(): void {
    if (this.#isOver || this.#isDoubted) return;
    this.#probes.forget();
    this.#hearsay.forget();
    this.#isDoubted = true;
    this.check();
  }

  /** Calls back when the next frame comes from it. */
  onceHeard(listener: () => void): Disposable {
    const once = (): void => {
      this.#listeners.delete(once);
      listener();
    };
    this.#listeners.add(once);
    return { [Symbol.dispose]: () => this.#listeners.delete(once) };
  }

  [Symbol.dispose](): void {
    this.#alarm[Symbol.dispose]();
    this.#listeners.clear();
  }

  get #isOver(): boolean {
    return this.#alarm.isOver;
  }

  /** A sign of life is nothing new. */
  get #isCalm(): boolean {
    const isWaitedFor = this.#isDoubted || this.#listeners.size > 0;
    return this.#verdict.state === "alive" && !isWaitedFor && this.#hearsay.isEmpty;
  }

  #look(): void {
    const now = this.#options.health.attentiveMs();
    if (this.#probes.sinceMs === undefined) {
      if (now >= this.#dueMs(now)) this.#probe(now);
    } else {
      if (now >= this.#repeatAtMs()) this.#probe(now);
      this.#seekHelp(now);
    }
    this.#judge(now);
    this.#arm(now);
  }

  #probe(now: number): void {
    if (this.#probes.giveUp() > 0) this.#options.onLost();
    this.#options.probe(this.#probes.sent(now));
  }

  /** When the next probe is due, if none waits for its answer. */
  #dueMs(now: number): number {
    const quiet = {
      heardAtMs: this.#heardAtMs,
      measuredAtMs: this.#measuredAtMs,
      probedAtMs: this.#probes.lastAtMs,
      isOurTurn: this.#turn.isOurs,
      owedSinceMs: this.#owedSinceMs(now),
      saysBusy: this.#saysBusy,
    };
    return nextProbeAtMs(quiet, this.#options.timing);
  }

  #owedSinceMs(now: number): number | undefined {
    const unansweredMs = this.#options.oldestUnansweredMs?.();
    if (unansweredMs === undefined) return this.#askedAtMs;
    return Math.min(now - unansweredMs, this.#askedAtMs ?? now);
  }

  /** When the probe that waits is repeated: not before its answer is late. */
  #repeatAtMs(): number {
    const { timing, health } = this.#options;
    const { sinceMs = Number.POSITIVE_INFINITY, lastAtMs } = this.#probes;
    const isSuspected = this.#verdict.state !== "alive";
    const repeatMs = isSuspected ? timing.suspectRepeatMs : timing.repeatMs;
    return Math.max(sinceMs + this.#times.lateMs * health.multiplier, lastAtMs + repeatMs);
  }

  #seekHelp(now: number): void {
    const { timing, seekHelp } = this.#options;
    if (!this.#isSilent(now) || now < this.#helpAtMs + timing.roundMs) return;
    this.#helpAtMs = now;
    seekHelp();
  }

  /** Late by so much that others are to be asked. */
  #isSilent(now: number): boolean {
    return this.#evidence(now).silentMs >= this.#times.lateMs;
  }

  #evidence(now: number): Evidence {
    const { multiplier } = this.#options.health;
    const { sinceMs } = this.#probes;
    const silentSinceMs = sinceMs === undefined ? now : Math.max(sinceMs, this.#heardAtMs);
    const hearsay = this.#hearsay;
    return {
      unansweredMs: sinceMs === undefined ? undefined : (now - sinceMs) / multiplier,
      silentMs: (now - silentSinceMs) / multiplier,
      suspectMs: this.#times.suspectMs,
      reads: hearsay.reads(now),
      mainThread: hearsay.mainThread(now),
      isReached: hearsay.isReached(now),
      confirmations: hearsay.confirmations,
      enough: hearsay.enough,
      saysBusy: this.#saysBusy,
      isDoubted: this.#isDoubted,
    };
  }

  #judge(now: number): void {
    const finding = judge(this.#evidence(now), this.#options.timing);
    const accuses = isWorse(finding, this.#verdict);
    if (accuses && !this.#looksAgain) {
      this.#looksAgain = true;
      this.#alarm.byAfter(LOOK_AGAIN);
      return;
    }
    this.#looksAgain = false;
    this.#conclude(finding);
  }

  #conclude({ state, reason }: Finding): void {
    const before = this.#verdict;
    if (state === before.state && reason === before.reason) return;
    const sinceMs = state === before.state ? before.sinceMs : this.#options.clock.monotonicMs();
    this.#verdict = { state, reason, sinceMs };
    if (state === "dead") this[Symbol.dispose]();
    this.#options.onChange(this.#verdict, before);
  }

  /** For whatever comes first. Too early does no harm: it looks, and finds nothing. */
  #arm(now: number): void {
    if (this.#looksAgain) return;
    const { timing, health } = this.#options;
    const { sinceMs } = this.#probes;
    if (sinceMs === undefined) {
      this.#alarm.at(this.#dueMs(now) - now);
      return;
    }
    const silentSinceMs = Math.max(sinceMs, this.#heardAtMs);
    const moments = [this.#times.lateMs, this.#times.suspectMs, timing.leastDeadMs]
      .map((ms) => silentSinceMs + ms * health.multiplier)
      .filter((ms) => ms > now);
    this.#alarm.at(Math.min(this.#repeatAtMs(), ...moments) - now);
  }
}

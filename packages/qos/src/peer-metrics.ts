import { assertAmount, assertRatio, isRecord, ValidationError } from "@net/core";
import { JitterEstimator } from "./estimators/jitter-estimator.ts";
import { type LossKind, LossWindow } from "./estimators/loss-window.ts";
import { RttEstimator } from "./estimators/rtt-estimator.ts";

/** What is known of the connection to one peer. The link metrics of a topology fit it. */
export interface PeerMetrics {
  /** Smoothed round-trip time (RFC 6298 SRTT); undefined before the first. */
  readonly rttMs: number | undefined;
  /** Its mean deviation (RFC 6298 RTTVAR). */
  readonly rttVarMs: number | undefined;
  /** After how long an unanswered probe counts as lost (RFC 6298 RTO): 1 to 60 s. */
  readonly rtoMs: number;
  /** How much one round trip differs from the next (RFC 3550 §6.4.1). */
  readonly jitterMs: number;
  /** The share that was lost among the last 100: 0–1. */
  readonly lossRatio: number;
  /** What was lost: datagrams, where their fate was recorded, or else probes that nobody answered in time. */
  readonly lossKind: LossKind;
  /** Round trips recorded. */
  readonly samples: number;
  /** Probes, or datagrams, that the loss ratio is about: at most 100. */
  readonly probes: number;
  /** What left for the peer in the last second, or as it was last reported; undefined before anything did. */
  readonly bytesPerSecond: number | undefined;
  /** How busy the peer is, as it was last reported: 0 idle, 1 full. */
  readonly load: number | undefined;
}

/** Values measured elsewhere, in place of what the estimators here have; later records move on from them. */
export interface MetricsUpdate {
  readonly rttMs?: number | undefined;
  readonly jitterMs?: number | undefined;
  readonly lossRatio?: number | undefined;
  /** What the ratio is about; default as before. */
  readonly lossKind?: LossKind | undefined;
  readonly bytesPerSecond?: number | undefined;
  readonly load?: number | undefined;
}

/** The estimators for one peer. */
export class PeerEstimates {
  readonly rtt: RttEstimator = new RttEstimator();
  readonly jitter: JitterEstimator = new JitterEstimator();
  #loss: LossWindow = new LossWindow();
  #bytesPerSecond: number | undefined;
  #load: number | undefined;

  /** Takes the fate of one probe or datagram. Once datagrams are known, a late answer says nothing new of loss. */
  recordLoss(lost: boolean, kind: LossKind): void {
    if (kind === this.#loss.kind) this.#loss.record(lost);
    else if (kind === "datagram") this.#lossOf(kind).record(lost);
  }

  /** Takes values that {@link assertMetricsUpdate} has seen. */
  update(update: MetricsUpdate): void {
    const { rttMs, jitterMs, lossRatio, lossKind, bytesPerSecond, load } = update;
    if (rttMs !== undefined) this.rtt.replace(rttMs);
    if (jitterMs !== undefined) this.jitter.replace(jitterMs);
    if (lossRatio !== undefined) this.#lossOf(lossKind ?? this.#loss.kind).replace(lossRatio);
    this.#bytesPerSecond = bytesPerSecond ?? this.#bytesPerSecond;
    this.#load = load ?? this.#load;
  }

  /** @param bytesPerSecond the throughput, where nobody has reported another one. */
  snapshot(bytesPerSecond: number | undefined): PeerMetrics {
    return {
      rttMs: this.rtt.rttMs,
      rttVarMs: this.rtt.rttVarMs,
      rtoMs: this.rtt.rtoMs,
      jitterMs: this.jitter.jitterMs,
      lossRatio: this.#loss.lossRatio,
      lossKind: this.#loss.kind,
      samples: this.rtt.samples,
      probes: this.#loss.size,
      bytesPerSecond: this.#bytesPerSecond ?? bytesPerSecond,
      load: this.#load,
    };
  }

  #lossOf(kind: LossKind): LossWindow {
    if (this.#loss.kind !== kind) this.#loss = new LossWindow(kind);
    return this.#loss;
  }
}

/** @throws ValidationError */
export function assertMetricsUpdate(update: MetricsUpdate): void {
  const given: unknown = update;
  if (!isRecord(given)) throw new ValidationError("what is measured must be an object");
  const { rttMs, jitterMs, lossRatio, lossKind, bytesPerSecond, load } = update;
  for (const [name, value] of Object.entries({ rttMs, jitterMs, bytesPerSecond })) {
    if (value !== undefined) assertAmount(value, name);
  }
  for (const [name, value] of Object.entries({ lossRatio, load })) {
    if (value !== undefined) assertRatio(value, name);
  }
  if (lossKind !== undefined) assertLossKind(lossKind);
}

const lossKinds: readonly LossKind[] = ["datagram", "probe-timeout"];

/** @throws ValidationError */
export function assertLossKind(kind: LossKind): void {
  if (lossKinds.includes(kind)) return;
  throw new ValidationError(`the kind of a loss must be one of ${lossKinds.join(", ")}`);
}

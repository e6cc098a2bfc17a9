import { assertAmount, assertRatio } from "@net/core";
import { JitterEstimator } from "./jitter-estimator.ts";
import { LossWindow } from "./loss-window.ts";
import { RttEstimator } from "./rtt-estimator.ts";

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
  /** Share of lost probes among the last 100: 0–1. */
  readonly lossRatio: number;
  /** Round trips recorded. */
  readonly samples: number;
  /** Probes that the loss ratio is about: at most 100. */
  readonly probes: number;
  /** Throughput, as it was last reported. */
  readonly bytesPerSecond: number | undefined;
  /** How busy the peer is, as it was last reported: 0 idle, 1 full. */
  readonly load: number | undefined;
}

/** Values measured elsewhere, in place of what the estimators here have; later records move on from them. */
export interface MetricsUpdate {
  readonly rttMs?: number | undefined;
  readonly jitterMs?: number | undefined;
  readonly lossRatio?: number | undefined;
  readonly bytesPerSecond?: number | undefined;
  readonly load?: number | undefined;
}

/** The estimators for one peer. */
export class PeerEstimates {
  readonly rtt: RttEstimator = new RttEstimator();
  readonly jitter: JitterEstimator = new JitterEstimator();
  readonly loss: LossWindow = new LossWindow();
  #bytesPerSecond: number | undefined;
  #load: number | undefined;

  /** Takes values that {@link assertMetricsUpdate} has seen. */
  update({ rttMs, jitterMs, lossRatio, bytesPerSecond, load }: MetricsUpdate): void {
    if (rttMs !== undefined) this.rtt.replace(rttMs);
    if (jitterMs !== undefined) this.jitter.replace(jitterMs);
    if (lossRatio !== undefined) this.loss.replace(lossRatio);
    this.#bytesPerSecond = bytesPerSecond ?? this.#bytesPerSecond;
    this.#load = load ?? this.#load;
  }

  snapshot(): PeerMetrics {
    return {
      rttMs: this.rtt.rttMs,
      rttVarMs: this.rtt.rttVarMs,
      rtoMs: this.rtt.rtoMs,
      jitterMs: this.jitter.jitterMs,
      lossRatio: this.loss.lossRatio,
      samples: this.rtt.samples,
      probes: this.loss.size,
      bytesPerSecond: this.#bytesPerSecond,
      load: this.#load,
    };
  }
}

/** @throws ValidationError */
export function assertMetricsUpdate(update: MetricsUpdate): void {
  const { rttMs, jitterMs, lossRatio, bytesPerSecond, load } = update;
  for (const [name, value] of Object.entries({ rttMs, jitterMs, bytesPerSecond })) {
    if (value !== undefined) assertAmount(value, name);
  }
  for (const [name, value] of Object.entries({ lossRatio, load })) {
    if (value !== undefined) assertRatio(value, name);
  }
}

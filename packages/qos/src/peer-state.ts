import { type CreateHistogram, LatencyHistogram } from "./estimators/latency-histogram.ts";
import { PhiDetector } from "./estimators/phi-detector.ts";
import { healthScore } from "./health-score.ts";
import { PeerEstimates } from "./peer-metrics.ts";
import { HealthMonitor } from "./watch/health-monitor.ts";
import { LatencyWatch } from "./watch/latency-watch.ts";

export interface PeerStateOptions {
  readonly healthWindow: number;
  readonly heartbeatInterval: number;
  readonly createHistogram: CreateHistogram | undefined;
}

/** All that is kept of what was measured of one peer. */
export class PeerState {
  readonly estimates: PeerEstimates = new PeerEstimates();
  readonly latency: LatencyWatch = new LatencyWatch();
  readonly liveness: PhiDetector;
  readonly health: HealthMonitor;
  readonly histogram: LatencyHistogram | undefined;

  constructor({ healthWindow, heartbeatInterval, createHistogram }: PeerStateOptions) {
    this.health = new HealthMonitor(healthWindow);
    this.liveness = new PhiDetector({ expectedInterval: heartbeatInterval });
    this.histogram = createHistogram && new LatencyHistogram(createHistogram);
  }

  score(): number {
    return healthScore(this.estimates.snapshot(undefined));
  }
}

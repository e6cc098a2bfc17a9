import type { Step } from "../step.ts";
import { discovery } from "./discovery.ts";
import { failover } from "./failover.ts";
import { map } from "./map.ts";
import { offlineMessage } from "./offline-message.ts";
import { parallel } from "./parallel.ts";
import { twoHops } from "./two-hops.ts";

/** The tour, in its order. */
export const steps: readonly Step[] = [discovery, map, twoHops, parallel, failover, offlineMessage];

import type { Step } from "../step.ts";
import { discovery } from "./discovery.ts";
import { failover } from "./failover.ts";
import { map } from "./map.ts";
import { offlineMessage } from "./offline-message.ts";
import { parallel } from "./parallel.ts";
import { start } from "./start.ts";
import { twoHops } from "./two-hops.ts";

export { start };

/** What the tour shows once the machines have started, in its order. */
export const steps: readonly Step[] = [discovery, map, twoHops, parallel, failover, offlineMessage];

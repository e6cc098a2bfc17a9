import type { QoSPolicy } from "@net/qos";
import { CONTROL, URGENT_PIECES } from "./channel/channel.ts";
import { GOSSIP } from "./mesh/gossip-neighbours.ts";
import { RELAYED, RELAYED_BULK } from "./relay/route-link.ts";

/**
 * How the mesh's own frames are treated, whatever the user says of theirs: what the receiver's credit does not count must be
 * critical, and only that.
 */
export const MESH_POLICIES: Readonly<Record<string, QoSPolicy>> = {
  [CONTROL]: { priority: "critical" },
  [URGENT_PIECES]: { priority: "high" },
  [RELAYED]: { priority: "high" },
  [RELAYED_BULK]: { priority: "low" },
  [GOSSIP]: { priority: "high" },
};

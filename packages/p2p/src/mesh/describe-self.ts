import { createHash } from "node:crypto";
import type { SelfDescription } from "../gossip/adverts/own-adverts.ts";
import type { PeerNetworkSettings } from "../options.ts";
import type { ToolExecutor } from "../tools/tool-executor.ts";

/** What this peer tells all others of itself and its tools. More of a tool it tells whoever asks. */
export function describeSelf(
  { peerName: name, capabilities }: PeerNetworkSettings,
  tools: ToolExecutor,
): SelfDescription {
  const { definitions } = tools;
  return {
    ...{ name, capabilities, tools: definitions.map((tool) => tool.name) },
    ...(definitions.length > 0 && { toolsDigest: digestOf(tools) }),
    idempotent: definitions.filter((tool) => tool.idempotent).map((tool) => tool.name),
  };
}

/** Changes when anything about a tool does. */
function digestOf(tools: ToolExecutor): string {
  return createHash("sha256").update(JSON.stringify(tools.describeTools())).digest("base64url");
}

import { isRecord } from "@net/core";
import type { ExecutionContext } from "../wire/calls.ts";

/** How often a call may go from a mesh to MCP and back into a mesh, which may be the same one: then it would never end. */
export const MAX_MCP_DEPTH = 8;
/** Carries the count through MCP … */
const DEPTH_KEY = "net.mesh/depth";
/** … and through the mesh. */
const DEPTH_LABEL = "mcp-depth";
/** W3C Trace Context, level 2: version, trace, parent and flags in hexadecimal. */
const traceparentForm = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}(?:-[\x21-\x7e]{1,64})?$/;

/** What goes along with a call from the mesh to MCP. */
export function metaOf({ traceparent, labels }: ExecutionContext): Record<string, unknown> {
  const depth = Number(labels?.[DEPTH_LABEL] ?? 0);
  return {
    ...(traceparent !== undefined && { traceparent }),
    ...(depth > 0 && { [DEPTH_KEY]: depth }),
  };
}

/** What goes along with a call from MCP into the mesh, and how many meshes it came through. */
export function contextOf(meta: unknown): { context: ExecutionContext; depth: number } {
  const { traceparent, [DEPTH_KEY]: said } = isRecord(meta) ? meta : {};
  const depth = (Number.isSafeInteger(said) && (said as number) > 0 ? (said as number) : 0) + 1;
  const isTrace = typeof traceparent === "string" && traceparentForm.test(traceparent);
  return {
    context: { ...(isTrace && { traceparent }), labels: { [DEPTH_LABEL]: String(depth) } },
    depth,
  };
}

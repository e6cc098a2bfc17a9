import type { NetworkError } from "@net/core";
import { jsonView } from "../../tools/schema/json-view.ts";
import { base64, encodeBlock, isMcpContent, type McpBlock } from "../content.ts";
import type { McpCallResult } from "../tool-call.ts";

/** What an error's code is called beside a result. */
const CODE_KEY = "net.mesh/code";

/**
 * What a tool of the mesh gave, as MCP has it: a text as a text, MCP's blocks as they are, bytes as a resource, all else as
 * structured content, with its JSON as a text for clients that know no better.
 *
 * @param beside blocks that came before the result.
 * @param isStructured whether the tool says what its result looks like.
 */
export function toCallResult(
  value: unknown,
  beside: readonly McpBlock[],
  isStructured: boolean,
): McpCallResult {
  const blocks = beside.map(encodeBlock);
  if (!isStructured) {
    if (value === undefined) return { content: blocks };
    if (typeof value === "string") return { content: [text(value), ...blocks] };
    if (value instanceof Uint8Array) return { content: [resource(value), ...blocks] };
    if (isMcpContent(value)) return { content: [...value.content.map(encodeBlock), ...blocks] };
  }
  const view = jsonView(value ?? null);
  if ("issue" in view) return failed(`the result is no JSON: ${view.issue.message}`);
  const json = JSON.stringify(view.value);
  return { content: [text(json), ...blocks], structuredContent: view.value };
}

/** How a tool of the mesh failed: for a model, which may do better next time. */
export function toErrorResult({ message, code, retryable }: NetworkError): McpCallResult {
  return { ...failed(message), _meta: { [CODE_KEY]: code, "net.mesh/retryable": retryable } };
}

function failed(message: string): McpCallResult {
  return { content: [text(message)], isError: true };
}

function text(value: string): McpBlock {
  return { type: "text", text: value };
}

function resource(bytes: Uint8Array): McpBlock {
  const uri = "urn:net:result";
  return {
    type: "resource",
    resource: { uri, mimeType: "application/octet-stream", blob: base64(bytes) },
  };
}

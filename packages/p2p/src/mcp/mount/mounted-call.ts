import { isRecord, NetworkError, RemoteError, ValidationError } from "@net/core";
import { jsonView } from "../../tools/schema/json-view.ts";
import type { ToolContext, ToolHandler } from "../../tools/tool.ts";
import { decodeBlock, type McpBlock } from "../content.ts";
import { metaOf } from "../meta.ts";
import { type McpClient, type McpToolResult, NO_TIMEOUT } from "../sdk-client.ts";
import { mcpError } from "./errors.ts";

/** How much of what a tool says of its failure is kept. */
const MAX_ERROR_LENGTH = 8_192;

export interface MountedCall {
  readonly client: McpClient;
  /** As the server calls it. */
  readonly tool: string;
  /** Whether a call that was lost on the way may be made again. */
  readonly repeatable: boolean;
}

/** Runs a tool of an MCP server for peers. */
export function mountedHandler(call: MountedCall): ToolHandler {
  return async (args, context) => toValue(await invoke(call, args, context));
}

async function invoke(
  { client, tool, repeatable }: MountedCall,
  args: unknown,
  { signal, context, progress }: ToolContext,
): Promise<McpToolResult> {
  const params = { name: tool, arguments: argumentsOf(args), _meta: metaOf(context) };
  try {
    // The SDK's own limit of a minute would end calls that have more time.
    const how = { signal, onprogress: progress, timeout: NO_TIMEOUT };
    const result = await client.callTool(params, how);
    if (!result.isError) return result;
    throw toolError(tool, result);
  } catch (error) {
    const failure = mcpError(error, `call ${tool}`, signal);
    throw NetworkError.is(failure, "CONNECTION_LOST") && !repeatable
      ? unknown(tool, failure)
      : failure;
  }
}

/** JSON: bytes become their base64, as MCP has it. */
function argumentsOf(args: unknown): Record<string, unknown> {
  const view = jsonView(args ?? {});
  if ("issue" in view)
    throw new ValidationError("the arguments are no JSON", { issues: [view.issue] });
  if (!isRecord(view.value)) throw new ValidationError("the arguments must be an object");
  return view.value;
}

/**
 * What peers get: the structured content if there is some; else the text, if that is all; else the blocks. Blocks other
 * than text beside structured content come as the call's stream.
 */
function toValue({ structuredContent, content }: McpToolResult): unknown {
  const blocks = (content as readonly McpBlock[]).map(decodeBlock);
  if (structuredContent !== undefined) {
    const beside = blocks.filter(({ type }) => type !== "text");
    return beside.length > 0 ? streamed(beside, structuredContent) : structuredContent;
  }
  const [first] = blocks;
  if (!first) return undefined;
  return blocks.length === 1 && isPlainText(first) ? first.text : { content: blocks };
}

async function* streamed(
  content: readonly McpBlock[],
  value: unknown,
): AsyncGenerator<unknown, unknown, undefined> {
  yield { content };
  return value;
}

function isPlainText(block: McpBlock): boolean {
  return block.type === "text" && Object.keys(block).length === 2;
}

function toolError(tool: string, { content }: McpToolResult): RemoteError {
  const texts = (content as readonly McpBlock[]).map(({ text }) => text);
  const said = texts.filter((text) => typeof text === "string").join("\n");
  const message = said === "" ? `${tool} failed and did not say why` : said;
  return new RemoteError(message.slice(0, MAX_ERROR_LENGTH), { remoteName: "ToolError" });
}

function unknown(tool: string, cause: NetworkError): NetworkError {
  const message = `the MCP server was lost during a call of ${tool}; whether it ran cannot be known`;
  return new NetworkError("OUTCOME_UNKNOWN", message, { cause });
}

import type { Readable, Writable } from "node:stream";
import {
  type CallToolResult,
  createMcpHandler,
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  type McpHttpHandler,
  originValidationResponse,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
  type Tool,
  type Transport,
} from "@modelcontextprotocol/server";
import {
  type StdioServerHandle,
  StdioServerTransport,
  serveStdio,
} from "@modelcontextprotocol/server/stdio";
import type { McpBlock } from "./content.ts";

// The only file that knows the SDK's server.

/** A server of the official SDK. */
export type McpServerInstance = Server;
export type McpServerTransport = Transport;
export type McpToolDescription = Tool;
export type McpHttp = McpHttpHandler;
export type McpStdio = StdioServerHandle;

/** What came with a call. */
export interface McpCall {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  /** Tells the caller how far it is; undefined if it did not ask. */
  readonly notify: ((progress: McpProgress) => Promise<void>) | undefined;
}

/** https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/progress */
export interface McpProgress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

/** What a call gave, for the wire. */
export interface McpCallResult {
  readonly content: readonly McpBlock[];
  readonly structuredContent?: unknown;
  readonly isError?: true;
  readonly _meta?: Readonly<Record<string, unknown>>;
}

/** What a server of tools does. */
export interface McpToolService {
  list(signal: AbortSignal): Promise<readonly McpToolDescription[]>;
  call(call: McpCall): Promise<{
    readonly result: McpCallResult;
    /** As it was listed. */
    readonly outputSchema: Readonly<Record<string, unknown>> | undefined;
  }>;
}

export interface McpServerInfo {
  readonly name: string;
  readonly version: string;
  readonly instructions?: string | undefined;
}

/** A server for one connection, or one request over HTTP. */
export function newServer(
  { name, version, instructions }: McpServerInfo,
  service: McpToolService,
  onFault: (error: Error) => void,
): Server {
  const server = new Server(
    { name, version },
    {
      capabilities: { tools: { listChanged: true } },
      ...(instructions !== undefined && { instructions }),
    },
  );
  server.onerror = onFault;
  server.setRequestHandler("tools/list", async (_request, { mcpReq }) => ({
    tools: [...(await service.list(mcpReq.signal))],
  }));
  server.setRequestHandler("tools/call", async ({ params }, context) => {
    const { name: tool, arguments: args = {} } = params;
    const call = { name: tool, args, ...callOf(context) };
    const { result, outputSchema } = await service.call(call);
    return server.projectCallToolResult(result as CallToolResult, outputSchema);
  });
  return server;
}

function callOf({ mcpReq }: ServerContext): Pick<McpCall, "meta" | "signal" | "notify"> {
  const { _meta: meta = {}, signal } = mcpReq;
  const { progressToken } = meta;
  const method = "notifications/progress";
  return {
    ...{ meta, signal },
    notify:
      progressToken === undefined
        ? undefined
        : (progress) => mcpReq.notify({ method, params: { progressToken, ...progress } }),
  };
}

/** The error that says to a client that it asked for what is not there. */
export function unknownTool(name: string): Error {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${name}`);
}

export interface HttpOptions {
  readonly maxRequestBytes: number;
  readonly onFault: (error: Error) => void;
}

/** Streamable HTTP, a server for each request; older clients are served too. */
export function httpHandler(
  server: () => Server,
  { maxRequestBytes, onFault }: HttpOptions,
): McpHttpHandler {
  return createMcpHandler(server, { maxRequestBodySize: maxRequestBytes, onerror: onFault });
}

/** Serves one connection, whatever carries it. */
export function serveConnection(
  server: () => Server,
  transport: Transport,
  onFault: (error: Error) => void,
): StdioServerHandle {
  return serveStdio(server, { transport, onerror: onFault });
}

/** Default: this process's standard streams. */
export function streamTransport(
  input: Readable | undefined,
  output: Writable | undefined,
  maxMessageBytes: number,
): Transport {
  return new StdioServerTransport(input, output, { maxBufferSize: maxMessageBytes });
}

/** The answer to a request that did not come from where it may: a web page that had a name resolved to this machine, say. */
export function rebindingResponse(
  request: Request,
  allowedHosts: readonly string[] = localhostAllowedHostnames(),
): Response | undefined {
  const hosts = [...allowedHosts];
  return hostHeaderValidationResponse(request, hosts) ?? originValidationResponse(request, hosts);
}

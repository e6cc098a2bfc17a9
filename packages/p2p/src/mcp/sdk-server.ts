import type { Readable, Writable } from "node:stream";
import {
  type CallToolResult,
  createMcpHandler,
  hostHeaderValidationResponse,
  isInitializeRequest,
  isLegacyRequest,
  localhostAllowedHostnames,
  type McpHttpHandler,
  originValidationResponse,
  ProtocolError,
  ProtocolErrorCode,
  readRequestBody,
  Server,
  type ServerContext,
  type Tool,
  type Transport,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import {
  type StdioServerHandle,
  StdioServerTransport,
  serveStdio,
} from "@modelcontextprotocol/server/stdio";
import { linkSignals } from "@net/core";
import type { McpCall, McpCallResult } from "./tool-call.ts";

// The only file that knows the SDK's server.

/** A server of the official SDK. */
export type McpServerInstance = Server;
export type McpServerTransport = Transport;
export type McpToolDescription = Tool;
export type McpHttp = McpHttpHandler;
export type McpStdio = StdioServerHandle;

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
    // A client that hung up hears of no result: nothing is kept for it.
    using over = linkSignals([context.mcpReq.signal, context.http?.req?.signal]);
    const call = { name: tool, args, ...callOf(context), signal: over.signal };
    const { result, outputSchema } = await service.call(call);
    return server.projectCallToolResult(result as CallToolResult, outputSchema);
  });
  return server;
}

function callOf({ mcpReq }: ServerContext): Pick<McpCall, "meta" | "notify"> {
  const { _meta: meta = {} } = mcpReq;
  const { progressToken } = meta;
  const method = "notifications/progress";
  return {
    meta,
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

/** Streamable HTTP, a server for each request: as it is since 2026, and for older clients that begin no session. */
export function httpHandler(
  server: () => Server,
  { maxRequestBytes, onFault }: HttpOptions,
): McpHttpHandler {
  return createMcpHandler(server, { maxRequestBodySize: maxRequestBytes, onerror: onFault });
}

export interface HttpSessionOptions {
  readonly id: string;
  readonly maxRequestBytes: number;
  readonly onClose: () => void;
}

/** A session of streamable HTTP as it was before 2026: what comes with its id goes to one server. */
export interface McpHttpSession {
  /** Whether the client has begun it. */
  readonly isBegun: boolean;
  fetch(request: Request): Promise<Response>;
  /** Ends its calls and streams. */
  close(): Promise<void>;
}

export function httpSession(
  server: Server,
  { id, maxRequestBytes, onClose }: HttpSessionOptions,
): McpHttpSession {
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: () => id,
    maxRequestBodySize: maxRequestBytes,
  });
  transport.onclose = onClose;
  const connected = server.connect(transport);
  return {
    get isBegun() {
      return transport.sessionId !== undefined;
    },
    fetch: async (request) => {
      await connected;
      return await transport.handleRequest(request);
    },
    close: () => transport.close(),
  };
}

/** The JSON of a request's body, which it reads; undefined if that is none, or too large. */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  try {
    const body = await readRequestBody(request, maxBytes);
    return body.tooLarge ? undefined : JSON.parse(body.text);
  } catch {
    // Whoever answers reads it again, and says what is wrong with it.
    return undefined;
  }
}

/** Whether a client of before 2026 begins a session with that. */
export function isBeginning(message: unknown): boolean {
  return isInitializeRequest(message);
}

/** Whether a request is of before 2026. @param message its body, unless it has none. */
export async function isLegacy(request: Request, message: unknown): Promise<boolean> {
  return await isLegacyRequest(request, message);
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

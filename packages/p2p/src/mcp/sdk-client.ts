import {
  type CallToolResult,
  Client,
  type JsonSchemaValidatorResult,
  type jsonSchemaValidator,
  ProtocolError,
  SdkError,
  SdkHttpError,
  StreamableHTTPClientTransport,
  type Tool,
  type Transport,
} from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { boundedFetch } from "./mount/bounded-fetch.ts";
import { brokenStream, failBrokenStreams } from "./mount/broken-streams.ts";
import type { HttpServer, StdioServer } from "./mount/connection.ts";

// The only file that knows the SDK's client.

/** A client of the official SDK. */
export type McpClient = Client;
/** What connects a client of the official SDK. */
export type McpClientTransport = Transport;
/** A tool as an MCP server describes it. */
export type McpTool = Tool;
export type McpToolResult = CallToolResult;

/** The longest wait the SDK's timers can hold: a call's own signal ends it, not a timer that nobody asked for. */
export const NO_TIMEOUT = 2_147_483_647;

/** The revision that is meant by `modern`. */
const MODERN = "2026-07-28";

/** What a failure of the SDK says of itself. */
export interface McpFailure {
  /** A number of JSON-RPC's from the server, or a name of the SDK's own. */
  readonly code: number | string;
  readonly message: string;
  /** Of the HTTP response that was the failure. */
  readonly status?: number | undefined;
  /** The limit that was passed, if one was. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Which protocol is spoken: that of 2026 (`modern`), or the one before, which began with `initialize` (`legacy`). `auto` asks
 * the server; a program is started once more for that.
 */
export type McpEra = "auto" | "modern" | "legacy";

export function newClient(name: string, era: McpEra, onFault: (error: Error) => void): Client {
  const client = new Client(
    { name, version: "1" },
    {
      versionNegotiation: { mode: era === "modern" ? { pin: MODERN } : era },
      // Results are checked where all tools' results are, within limits.
      jsonSchemaValidator: acceptAll,
    },
  );
  client.onerror = onFault;
  return client;
}

const acceptAll: jsonSchemaValidator = {
  getValidator<T>() {
    return (value): JsonSchemaValidatorResult<T> => ({
      ...{ valid: true, data: value as T, errorMessage: undefined },
    });
  },
};

/** A child process that speaks MCP on its standard streams; its standard error is handed on. */
export function stdioTransport(
  { command, args = [], env, cwd, maxMessageBytes }: StdioServer,
  onStderr: (text: string) => void,
): Transport {
  const transport = new StdioClientTransport({
    ...{ command, args: [...args], stderr: "pipe" },
    ...(env && { env: { ...env } }),
    ...(cwd !== undefined && { cwd }),
    ...(maxMessageBytes !== undefined && { maxBufferSize: maxMessageBytes }),
  });
  transport.stderr?.on("data", (chunk: unknown) => onStderr(String(chunk)));
  return transport;
}

/** Streamable HTTP. Redirects to elsewhere are not followed. */
export function httpTransport({ url, headers, fetch, maxMessageBytes }: HttpServer): Transport {
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    ...(headers && { requestInit: { headers: { ...headers } } }),
    fetch: boundedFetch(fetch ?? globalThis.fetch, maxMessageBytes),
  });
  return failBrokenStreams(transport);
}

/** True for a connection by the current specification, which asks for news instead of being told. */
export function isModern(client: Client): boolean {
  return client.getProtocolEra() === "modern";
}

export function mcpFailureOf(error: unknown): McpFailure | undefined {
  if (SdkHttpError.isInstance(error)) {
    return { code: error.code, message: error.message, status: error.status };
  }
  if (ProtocolError.isInstance(error) && error.data === brokenStream) {
    return { code: "CONNECTION_CLOSED", message: error.message };
  }
  if (ProtocolError.isInstance(error)) return { code: error.code, message: error.message };
  if (!SdkError.isInstance(error)) return undefined;
  const { timeout } = (error.data ?? {}) as { readonly timeout?: unknown };
  const timeoutMs = typeof timeout === "number" ? timeout : undefined;
  return { code: error.code, message: error.message, timeoutMs };
}

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

/** What a failure of the SDK says of itself. */
export interface McpFailure {
  /** A number of JSON-RPC's from the server, or a name of the SDK's own. */
  readonly code: number | string;
  readonly message: string;
  /** Of the HTTP response that was the failure. */
  readonly status?: number | undefined;
}

/** Talks the current specification, and those before it with servers that do not. */
export function newClient(name: string, onFault: (error: Error) => void): Client {
  const client = new Client(
    { name, version: "1" },
    {
      versionNegotiation: { mode: "auto" },
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

export function httpTransport({ url, headers, fetch }: HttpServer): Transport {
  return new StreamableHTTPClientTransport(new URL(url), {
    ...(headers && { requestInit: { headers: { ...headers } } }),
    ...(fetch && { fetch }),
  });
}

/** True for a connection by the current specification, which asks for news instead of being told. */
export function isModern(client: Client): boolean {
  return client.getProtocolEra() === "modern";
}

export function mcpFailureOf(error: unknown): McpFailure | undefined {
  if (SdkHttpError.isInstance(error)) {
    return { code: error.code, message: error.message, status: error.status };
  }
  if (SdkError.isInstance(error) || ProtocolError.isInstance(error)) {
    return { code: error.code, message: error.message };
  }
  return undefined;
}

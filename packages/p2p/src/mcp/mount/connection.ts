import { abortable, isRecord, type Logger } from "@net/core";
import { invalid } from "../../names.ts";
import {
  httpTransport,
  type McpClient,
  type McpClientTransport,
  type McpEra,
  newClient,
  stdioTransport,
} from "../sdk-client.ts";
import type { Fetch } from "./bounded-fetch.ts";
import { failBrokenStreams } from "./broken-streams.ts";
import { mcpError } from "./errors.ts";

/** An MCP server that is a program: it is started here, and speaks on its standard streams. */
export interface StdioServer {
  readonly command: string;
  readonly args?: readonly string[];
  /** Added to the few variables that the SDK hands on, such as `PATH` and `HOME`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The largest message it may send. Default 10 MiB, the SDK's. */
  readonly maxMessageBytes?: number;
}

/** An MCP server that is reached by streamable HTTP. */
export interface HttpServer {
  readonly url: string | URL;
  /** With every request; `authorization`, for instance. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the platform's. */
  readonly fetch?: Fetch;
  /** The largest message it may send. Default 10 MiB. */
  readonly maxMessageBytes?: number;
}

/** An MCP server that is reached in another way. */
export interface TransportSource {
  /** A new transport of the SDK's for each connection. */
  readonly transport: () => McpClientTransport;
}

/** Where tools come from. A client that is connected already stays its owner's: it is not closed here. */
export type McpSource = StdioServer | HttpServer | TransportSource | McpClient;

export interface ConnectionOptions {
  /** What this peer calls itself. */
  readonly clientName: string;
  readonly era: McpEra;
  /** How long connecting may take, in ms. */
  readonly connectTimeout: number;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** One connection to an MCP server. */
export interface McpConnection {
  readonly client: McpClient;
  /** Resolves when it is over. */
  readonly lost: Promise<void>;
  /** Whether another one may be made when it is over. */
  readonly canReconnect: boolean;
  /** Ends it; lets go of a client that is somebody else's. */
  close(): Promise<void>;
}

/** @throws ValidationError; ConnectionError and others of the family; AbortedError. Then nothing is left open. */
export async function connectMcp(
  source: McpSource,
  options: ConnectionOptions,
): Promise<McpConnection> {
  if (isClient(source)) return borrow(source);
  const { clientName, era, signal, connectTimeout: timeout, logger } = options;
  const transport = makeTransport(source, logger);
  const client = newClient(clientName, era, (error) => logger.debug({ error }, "an MCP server"));
  const lost = Promise.withResolvers<void>();
  client.onclose = lost.resolve;
  try {
    await abortable(client.connect(transport, { signal, timeout }), signal);
  } catch (error) {
    await closeQuietly(client, transport);
    throw mcpError(error, "connect to an MCP server", signal);
  }
  return { client, lost: lost.promise, canReconnect: true, close: () => client.close() };
}

/** A client whose transport never started, or did not finish doing so, does not close it. */
async function closeQuietly(client: McpClient, transport: McpClientTransport): Promise<void> {
  // That connecting failed is what counts.
  await Promise.allSettled([client.close(), transport.close()]);
}

function borrow(client: McpClient): McpConnection {
  if (client.transport) failBrokenStreams(client.transport);
  const { promise, resolve } = Promise.withResolvers<void>();
  const { onclose } = client;
  const listener = (): void => {
    onclose?.();
    resolve();
  };
  client.onclose = listener;
  const close = async (): Promise<void> => {
    if (client.onclose === listener) Object.assign(client, { onclose });
    resolve();
  };
  return { client, lost: promise, canReconnect: false, close };
}

/** A factory of somebody else's may throw anything. */
function makeTransport(source: Exclude<McpSource, McpClient>, logger: Logger): McpClientTransport {
  try {
    return transportOf(source, logger);
  } catch (error) {
    throw mcpError(error, "connect to an MCP server");
  }
}

function transportOf(source: Exclude<McpSource, McpClient>, logger: Logger): McpClientTransport {
  assertSource(source);
  if ("transport" in source) return source.transport();
  if ("url" in source) return httpTransport(source);
  const { command } = source;
  return stdioTransport(source, (text) =>
    logger.debug({ command, text }, "an MCP server wrote to its standard error"),
  );
}

function isClient(source: McpSource): source is McpClient {
  return isRecord(source) && "callTool" in source && "listTools" in source;
}

/** For those who have no TypeScript. */
function assertSource(source: unknown): void {
  const known = ["transport", "url", "command"];
  if (isRecord(source) && known.some((key) => source[key] !== undefined)) return;
  throw invalid("the MCP server", "a command, a url, a transport, or a connected client");
}

import { type Clock, type Logger, onAbort, RetryPace, type Rng, sleep } from "@net/core";
import { isModern, type McpClient, type McpTool } from "../sdk-client.ts";
import { mcpError } from "./errors.ts";

const CHANGED = "notifications/tools/list_changed";
/** The first wait before news are asked for again, the longest, and how long asking must have gone well to forget that. */
const pace = { min: 500, max: 30_000, resetAfter: 60_000 };

export interface ToolListOptions {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

/** All tools of a server, none if it has none. @throws what {@link mcpError} makes of a failure. */
export async function listTools(
  client: McpClient,
  signal: AbortSignal,
): Promise<readonly McpTool[]> {
  if (!client.getServerCapabilities()?.tools) return [];
  try {
    const { tools } = await client.listTools({}, { signal, cacheMode: "refresh" });
    return tools;
  } catch (error) {
    throw mcpError(error, "list the tools of an MCP server", signal);
  }
}

/**
 * Calls back when a server's tools have changed, or may have, until the signal aborts or the connection ends. A server of
 * the current specification is asked for news, again and again if need be; an older one tells of itself.
 */
export async function followTools(
  client: McpClient,
  onChange: () => void,
  options: ToolListOptions,
): Promise<void> {
  if (!client.getServerCapabilities()?.tools?.listChanged) return;
  client.setNotificationHandler(CHANGED, onChange);
  try {
    if (isModern(client)) await listenAgainAndAgain(client, onChange, options);
    else await aborted(options.signal);
  } finally {
    client.removeNotificationHandler(CHANGED);
  }
}

async function listenAgainAndAgain(
  client: McpClient,
  onChange: () => void,
  options: ToolListOptions,
): Promise<void> {
  const { signal, clock, rng, logger } = options;
  const retries = new RetryPace({ ...pace, clock, rng });
  for (;;) {
    const error = await listen(client, onChange, retries, options);
    if (isOver(client, signal)) return;
    logger.debug({ error }, "news of an MCP server's tools are asked for again");
    retries.failed();
    await sleep(retries.delayMs(mcpError(error, "listen to an MCP server")), { signal, clock });
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  using _listener = onAbort(signal, resolve);
  await promise;
}

/** Whether nothing more is to be asked of a server. */
export function isOver({ transport }: McpClient, { aborted: isAborted }: AbortSignal): boolean {
  return isAborted || transport === undefined;
}

/** Listens until that is over. @returns why. */
async function listen(
  client: McpClient,
  onChange: () => void,
  retries: RetryPace,
  { signal }: ToolListOptions,
): Promise<unknown> {
  try {
    const subscription = await client.listen({ toolsListChanged: true }, { signal });
    retries.opened();
    // Nobody told of what changed before.
    onChange();
    return new Error(`the subscription ended: ${await subscription.closed}`);
  } catch (error) {
    return error;
  }
}

import {
  assertPositive,
  type Clock,
  type Logger,
  onAbort,
  type Rng,
  silentLogger,
  systemClock,
  systemRng,
  throwIfAborted,
} from "@net/core";
import { invalid } from "../../names.ts";
import type { ToolDefinition } from "../../tools/tool.ts";
import type { ToolRegistry } from "../network.ts";
import type { McpEra, McpTool } from "../sdk-client.ts";
import { connectMcp, type McpSource } from "./connection.ts";
import { McpMount } from "./mcp-mount.ts";
import { MountedTools, type MountPolicy } from "./mounted-tools.ts";

const DEFAULT_CONNECT_TIMEOUT = 30_000;
const DEFAULT_RETRIES = 5;
const eras: readonly McpEra[] = ["auto", "modern", "legacy"];

export interface MountMcpOptions
  extends Pick<ToolDefinition, "permission" | "requires" | "concurrency" | "queue"> {
  /** Before the name of each tool, so that those of several servers differ: `github.`. Default none. */
  readonly prefix?: string;
  /** Which tools are mounted. Default: all. */
  readonly permit?: (tool: McpTool) => boolean;
  /**
   * Whether the server is believed when it says that a tool is idempotent or only reads, so that a lost call is tried again.
   * Default false: its hints are handed on, as hints.
   */
  readonly trustHints?: boolean;
  /** What this peer calls itself. Default `net`. */
  readonly clientName?: string;
  /**
   * Which protocol is spoken: that of 2026 (`modern`), or the one before (`legacy`). Default `auto`: the server is asked,
   * and a program is started once more for that.
   */
  readonly era?: McpEra;
  /** How long connecting may take, in ms. Default 30 000. */
  readonly connectTimeout?: number;
  /** How often in a row a server that was lost is tried again; not one whose client was handed in. Default 5. */
  readonly retries?: number;
  /** Ends the mounting; once it is mounted, `close` does. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly rng?: Rng;
  readonly logger?: Logger;
}

/**
 * Makes the tools of an MCP server tools of this peer: their schemas are kept, changes of the list are followed, progress
 * and cancelling go through, and so does the trace. When the server dies, its tools are gone until it is back.
 *
 * A result is the tool's structured content; else its text, if it gave one text; else `{ content }`, MCP's blocks with
 * bytes as bytes. A tool that says it failed (`isError`) fails with a RemoteError whose `remoteName` is `ToolError`.
 *
 * @param network where the tools are registered.
 * @param source a program, an address, a transport, or a client that is connected already.
 * @throws ValidationError; ConnectionError, AuthenticationError, PermissionError and others of the family if there is no
 *   connection; AbortedError. Then nothing is left open.
 * @example
 * ```ts
 * await using files = await mountMcp(network, { command: "mcp-server-files", args: ["/srv"] }, { prefix: "files." });
 * ```
 */
export async function mountMcp(
  network: ToolRegistry,
  source: McpSource,
  options: MountMcpOptions = {},
): Promise<McpMount> {
  const { signal, clock = systemClock, rng = systemRng, logger = silentLogger } = options;
  const { clientName = "net", era = "auto", retries = DEFAULT_RETRIES } = options;
  throwIfAborted(signal);
  if (!(retries >= 0)) throw invalid("retries", "0 or more");
  if (!eras.includes(era)) throw invalid("era", eras.join(", "));
  const connectTimeout = assertPositive(
    options.connectTimeout ?? DEFAULT_CONNECT_TIMEOUT,
    "connectTimeout",
  );
  const mount = new McpMount({
    ...{ retries, clock, rng, logger },
    tools: new MountedTools(network, policyOf(options), logger),
    connect: (closing) =>
      connectMcp(source, { clientName, era, connectTimeout, signal: closing, logger }),
  });
  using _abort = onAbort(signal, () => void mount.close());
  try {
    await mount.open();
  } finally {
    // Whatever ended because of it is not the reason.
    throwIfAborted(signal);
  }
  return mount;
}

function policyOf(options: MountMcpOptions): MountPolicy {
  const { prefix = "", permit = () => true, trustHints = false } = options;
  const { permission, requires, concurrency, queue } = options;
  return {
    ...{ prefix, permit, trustHints },
    common: {
      ...(permission !== undefined && { permission }),
      ...(requires && { requires }),
      ...(concurrency !== undefined && { concurrency }),
      ...(queue !== undefined && { queue }),
    },
  };
}

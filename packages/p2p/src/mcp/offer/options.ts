import { assertPositive, type Clock, type Logger, silentLogger, systemClock } from "@net/core";
import { type Grants, isGranted } from "../../admission/grants.ts";
import { DistributedExecutor } from "../../executor/distributed-executor.ts";
import { assertName, invalid } from "../../names.ts";
import type { ToolManifest } from "../../tools/manifest.ts";
import type { MeshExecutor, MeshNetwork } from "../network.ts";
import { HttpDoor } from "./http-door.ts";
import { MeshMcpServer } from "./mesh-mcp-server.ts";

/** The SDK's own, and a mesh's messages are no larger either. */
const DEFAULT_MAX_MESSAGE_BYTES = 4_194_304;
const DEFAULT_MAX_CALLS = 64;
const DEFAULT_MAX_SESSIONS = 256;
const DEFAULT_SESSION_IDLE_TIMEOUT = 600_000;
const namings: readonly string[] = ["merged", "per-peer"];

export interface MeshMcpOptions {
  /** What the server calls itself. Default `net`. */
  readonly name?: string;
  /** Default `1`. */
  readonly version?: string;
  /** What models are told of it. */
  readonly instructions?: string;
  /**
   * `merged`, the default: tools of one name that take and give the same are one tool, run by whichever peer does it best;
   * where peers differ, each has its own, `peer.tool`. `per-peer`: always `peer.tool`.
   */
  readonly naming?: "merged" | "per-peer";
  /** Which tools are offered, of those that the grants allow: only what it says `true` of. Default: all. */
  readonly permit?: (tool: ToolManifest, peerId: string) => boolean;
  /** Which tools that ask for a permission are offered: `["shell", "search.*"]`, or `"all"`. Default: none. */
  readonly grants?: Grants;
  /** What chooses a peer. Default: a `DistributedExecutor` of the network's. */
  readonly executor?: MeshExecutor;
  /** How long each call may take, in ms. Default: as long as the client waits. */
  readonly deadlineMs?: number;
  /** The most calls at the same time, over all clients. Default 64. */
  readonly maxCalls?: number;
  /** The largest request, in bytes. Default 4 MiB. */
  readonly maxMessageBytes?: number;
  /**
   * By HTTP: the most clients of before 2026 that are connected at the same time. A further one takes the place of one that is
   * silent; if all are there, it is answered 503. Default 256.
   */
  readonly maxSessions?: number;
  /** By HTTP: how long the session of a silent client is kept, in ms. Default ten minutes. */
  readonly sessionIdleTimeout?: number;
  /** By HTTP: names this server may be called by. Default: `localhost`, `127.0.0.1`, `[::1]`. Others need a `token` or `authorize`. */
  readonly allowedHosts?: readonly string[];
  /** By HTTP: what requests must bring as `Authorization: Bearer …`; at least 16 characters. Default: nothing. */
  readonly token?: string;
  /** By HTTP: says whether a request may ask, for tokens of another kind. Default: every one, if it brings the `token`. */
  readonly authorize?: (request: Request) => boolean | PromiseLike<boolean>;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/**
 * Offers the tools of the whole mesh, those of this peer included, as one MCP server: of the current specification, and
 * of those before it for clients that know no other. It serves until it is closed; the network stays as it is.
 *
 * Progress and cancelling go through, and so does the trace (`_meta.traceparent`). A tool's stream is told as progress;
 * blocks in it join the result. What fails is a result with `isError`, whose `_meta` holds our code.
 *
 * @throws ValidationError
 * @example
 * ```ts
 * await using mcp = meshMcpServer(network, { grants: ["search.*"] });
 * createServer(mcp.nodeHandler).listen(3000, "127.0.0.1"); // or: mcp.serveStdio()
 * ```
 */
export function meshMcpServer(network: MeshNetwork, options: MeshMcpOptions = {}): MeshMcpServer {
  const { name = "net", version = "1", instructions, naming = "merged", deadlineMs } = options;
  const { maxCalls = DEFAULT_MAX_CALLS, maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES } = options;
  const { maxSessions = DEFAULT_MAX_SESSIONS } = options;
  const { sessionIdleTimeout = DEFAULT_SESSION_IDLE_TIMEOUT } = options;
  const { permit = () => true, grants = [] } = options;
  const { clock = systemClock, logger = silentLogger } = options;
  if (typeof permit !== "function") throw invalid("permit", "a function");
  if (!namings.includes(naming)) throw invalid("naming", namings.join(" or "));
  const mayOffer = (tool: ToolManifest, peerId: string): boolean =>
    (tool.permission === undefined || isGranted(tool.permission, grants)) &&
    // A promise, as of an async function, is no leave.
    (permit(tool, peerId) as unknown) === true;
  return new MeshMcpServer({
    ...{ network, deadlineMs, clock, logger },
    executor: options.executor ?? new DistributedExecutor(network.tools, network.router()),
    info: { name: assertName(name, "name"), version: assertName(version, "version"), instructions },
    policy: { peerId: network.peerId, naming, permit: mayOffer },
    door: new HttpDoor(options),
    maxCalls: assertPositive(maxCalls, "maxCalls"),
    maxMessageBytes: assertPositive(maxMessageBytes, "maxMessageBytes"),
    maxSessions: assertPositive(maxSessions, "maxSessions"),
    sessionIdleTimeout: assertPositive(sessionIdleTimeout, "sessionIdleTimeout"),
  });
}

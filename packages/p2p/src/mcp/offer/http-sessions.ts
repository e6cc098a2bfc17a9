import { randomUUID } from "node:crypto";
import type { Clock } from "@net/core";
import { httpSession, type McpServerInstance } from "../sdk-server.ts";
import { HttpSession } from "./http-session.ts";

export interface HttpSessionsOptions {
  /** Makes a server for a session. */
  readonly server: () => McpServerInstance;
  /** The most at the same time. */
  readonly maxSessions: number;
  /** How long one stays that nobody uses, in ms. */
  readonly idleTimeout: number;
  readonly maxRequestBytes: number;
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
}

/** The sessions of clients that speak MCP as it was before 2026. */
export class HttpSessions {
  readonly #options: HttpSessionsOptions;
  /** By id, that first which was not used for longest. */
  readonly #sessions = new Map<string, HttpSession>();

  constructor(options: HttpSessionsOptions) {
    this.#options = options;
  }

  /** The session with that id, which is used now. */
  use(id: string | null): HttpSession | undefined {
    const session = id === null ? undefined : this.#sessions.get(id);
    if (id === null || !session) return undefined;
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    return session;
  }

  /** Answers a request that begins one. One that nobody uses makes room for it, if need be. */
  async begin(request: Request): Promise<Response> {
    const { maxSessions } = this.#options;
    if (this.#sessions.size >= maxSessions && !this.#makeRoom()) return tooMany(maxSessions);
    const session = this.#open(randomUUID());
    const response = await session.fetch(request);
    if (!session.isBegun) await session.close();
    return response;
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.close()));
  }

  #open(id: string): HttpSession {
    const { server, maxRequestBytes, idleTimeout, clock, onFault } = this.#options;
    const onClose = (): void => void this.#sessions.delete(id);
    const session: HttpSession = new HttpSession(
      httpSession(server(), { id, maxRequestBytes, onClose }),
      { idleTimeout, clock, onIdle: () => void session.close().catch(onFault) },
    );
    this.#sessions.set(id, session);
    return session;
  }

  #makeRoom(): boolean {
    const unused = [...this.#sessions.values()].find(({ isInUse }) => !isInUse);
    void unused?.close().catch(this.#options.onFault);
    return unused !== undefined;
  }
}

function tooMany(maxSessions: number): Response {
  const message = `${maxSessions} clients have sessions, the most there may be`;
  const error = { code: -32_000, message };
  return Response.json(
    { jsonrpc: "2.0", error, id: null },
    { status: 503, headers: { "retry-after": "60" } },
  );
}

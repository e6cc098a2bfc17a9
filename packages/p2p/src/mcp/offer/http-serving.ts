import { httpHandler, isBeginning, isLegacy, type McpHttp, readJson } from "../sdk-server.ts";
import { HttpSessions, type HttpSessionsOptions } from "./http-sessions.ts";

const SESSION_HEADER = "mcp-session-id";

export interface HttpServingOptions extends Omit<HttpSessionsOptions, "server"> {
  /** Makes a server for one request. */
  readonly server: HttpSessionsOptions["server"];
  /** Makes a server for a session, which is told of changes. */
  readonly lastingServer: HttpSessionsOptions["server"];
}

/** Streamable HTTP: each request by itself, or a session for clients of before 2026, which cancel and hear news in one. */
export class HttpServing {
  readonly #maxRequestBytes: number;
  readonly #requests: McpHttp;
  readonly #sessions: HttpSessions;

  constructor({ server, lastingServer, ...options }: HttpServingOptions) {
    const { maxRequestBytes, onFault } = options;
    this.#maxRequestBytes = maxRequestBytes;
    this.#requests = httpHandler(server, { maxRequestBytes, onFault });
    this.#sessions = new HttpSessions({ ...options, server: lastingServer });
  }

  async fetch(request: Request): Promise<Response> {
    const id = request.headers.get(SESSION_HEADER);
    const session = this.#sessions.use(id);
    if (session) return await session.fetch(request);
    const message =
      request.method === "POST"
        ? await readJson(request.clone(), this.#maxRequestBytes)
        : undefined;
    if (isBeginning(message)) return await this.#sessions.begin(request);
    if (id !== null && (await isLegacy(request, message))) return unknownSession();
    return await this.#requests.fetch(request, { parsedBody: message });
  }

  /** Tells those who asked to be told; sessions are told by their servers. */
  toolsChanged(): void {
    this.#requests.notify.toolsChanged();
  }

  async close(): Promise<void> {
    await Promise.all([this.#requests.close(), this.#sessions.close()]);
  }
}

/** Whoever gets this begins another one: 2025-11-25, basic/transports, "Session Management". */
function unknownSession(): Response {
  const error = { code: -32_001, message: "Session not found" };
  return Response.json({ jsonrpc: "2.0", error, id: null }, { status: 404 });
}

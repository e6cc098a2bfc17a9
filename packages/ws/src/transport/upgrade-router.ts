import { type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { ConnectionError } from "@net/core";

/** What happens to the upgrade requests of one path. */
export type UpgradeHandler = (request: IncomingMessage, stream: Duplex, head: Buffer) => void;

const routers = new WeakMap<Server, UpgradeRouter>();

/**
 * Our paths at an HTTP server that others may use too: a handshake at one of ours is ours, any other is left to
 * whoever else listens for `upgrade`. Only where nobody does, it is answered with 404.
 */
export class UpgradeRouter {
  readonly #server: Server;
  readonly #handlers = new Map<string, UpgradeHandler>();

  /** The one of that server, so that several paths know of each other. */
  static of(server: Server): UpgradeRouter {
    const known = routers.get(server);
    if (known) return known;
    const router = new UpgradeRouter(server);
    routers.set(server, router);
    return router;
  }

  constructor(server: Server) {
    this.#server = server;
  }

  /** @returns what takes it away again. @throws ConnectionError `ADDRESS_IN_USE` if the path is taken. */
  add(path: string, handler: UpgradeHandler): () => void {
    if (this.#handlers.has(path)) throw taken(path);
    if (this.#handlers.size === 0) this.#server.on("upgrade", this.#onUpgrade);
    this.#handlers.set(path, handler);
    return () => {
      if (this.#handlers.get(path) === handler) this.#remove(path);
    };
  }

  #remove(path: string): void {
    this.#handlers.delete(path);
    if (this.#handlers.size === 0) this.#server.off("upgrade", this.#onUpgrade);
  }

  readonly #onUpgrade: UpgradeHandler = (request, stream, head) => {
    const handler = this.#handlers.get(pathOf(request));
    if (handler) handler(request, stream, head);
    else if (this.#server.listenerCount("upgrade") === 1) refuseUpgrade(stream, 404);
  };
}

/** Answers a handshake with an HTTP status, and ends its connection. */
export function refuseUpgrade(
  stream: Duplex,
  status: number,
  headers: readonly string[] = [],
): void {
  // It may be gone already; then nobody needs the answer.
  stream.on("error", () => stream.destroy());
  // Whoever does not close his half would keep it.
  stream.once("finish", () => stream.destroy());
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "connection: close",
    "content-length: 0",
    ...headers,
  ];
  stream.end(`${lines.join("\r\n")}\r\n\r\n`);
}

function pathOf({ url = "/" }: IncomingMessage): string {
  const query = url.indexOf("?");
  return query === -1 ? url : url.slice(0, query);
}

function taken(path: string): ConnectionError {
  return new ConnectionError(`cannot listen at ${path}: another listener of this server does`, {
    code: "ADDRESS_IN_USE",
    phase: "listen",
  });
}

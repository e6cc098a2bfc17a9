import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** An HTTP server with one empty page, from which a script may reach it: Chromium lets no other origin reach loopback. */
export class PageServer implements AsyncDisposable {
  readonly server: Server;
  readonly origin: string;

  private constructor(server: Server) {
    this.server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<PageServer> {
    const server = createServer((_request, response) => {
      response.setHeader("content-type", "text/html").end("<!doctype html>");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new PageServer(server);
  }

  /** The address of its WebSockets at that path. */
  webSocketUrl(path: string): string {
    return `${this.origin.replace("http", "ws")}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.server, "close");
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

/**
 * Sends every WebSocket message back as it came; the text `drop me` cuts the connection instead. It answers plain
 * requests with an empty page: Chromium lets no other origin reach loopback without asking.
 */
export class EchoServer implements AsyncDisposable {
  readonly url: string;
  readonly pageUrl: string;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;

  private constructor(server: Server, sockets: WebSocketServer) {
    this.#server = server;
    this.#sockets = sockets;
    const authority = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.url = `ws://${authority}`;
    this.pageUrl = `http://${authority}/`;
  }

  static async start(): Promise<EchoServer> {
    const server = createServer((_request, response) => {
      response.setHeader("content-type", "text/html").end("<!doctype html>");
    });
    const sockets = new WebSocketServer({ server });
    sockets.on("connection", (socket) => {
      socket.on("message", (data, isBinary) => {
        if (!isBinary && data.toString() === "drop me") socket.terminate();
        else socket.send(data, { binary: isBinary });
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new EchoServer(server, sockets);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

import { WebSocketServer } from "ws";
import { PageServer } from "./page-server.ts";

/** Sends every WebSocket message back as it came; the text `drop me` cuts the connection instead. */
export class EchoServer implements AsyncDisposable {
  readonly url: string;
  readonly pageUrl: string;
  readonly #pages: PageServer;
  readonly #sockets: WebSocketServer;

  private constructor(pages: PageServer, sockets: WebSocketServer) {
    this.#pages = pages;
    this.#sockets = sockets;
    this.url = pages.webSocketUrl("");
    this.pageUrl = `${pages.origin}/`;
  }

  static async start(): Promise<EchoServer> {
    const pages = await PageServer.start();
    const sockets = new WebSocketServer({ server: pages.server });
    sockets.on("connection", (socket) => {
      socket.on("message", (data, isBinary) => {
        if (!isBinary && data.toString() === "drop me") socket.terminate();
        else socket.send(data, { binary: isBinary });
      });
    });
    return new EchoServer(pages, sockets);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    await this.#pages[Symbol.asyncDispose]();
  }
}

import { createHash } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** The key's answer that RFC 6455 §4.2.2 asks for. */
export function acceptOf(request: string): string {
  const key = /sec-websocket-key: (.*)\r\n/i.exec(request)?.[1];
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** A TCP server on loopback that says to each handshake what a test wants, right or wrong. */
export class RawServer implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server;
    this.#sockets = sockets;
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  /** @param answer is given each handshake's text, and its socket. */
  static async start(answer: (request: string, socket: Socket) => void): Promise<RawServer> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on("error", () => {}));
      socket.once("data", (data) => answer(String(data), socket));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new RawServer(server, sockets);
  }

  /** Connections that are open. */
  get open(): number {
    return [...this.#sockets].filter(({ closed }) => !closed).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}

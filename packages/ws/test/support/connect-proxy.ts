import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createSecureServer, type ServerOptions } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";

export interface ConnectProxyOptions {
  /** An `https` proxy. */
  readonly tls?: ServerOptions;
  /** Said in place of opening a tunnel; empty says nothing at all. */
  readonly answer?: string;
  /** Where every tunnel leads, whatever was asked for. */
  readonly targetPort?: number;
}

/** A proxy on loopback that opens tunnels, or answers what it is told to. */
export class ConnectProxy implements AsyncDisposable {
  /** Every tunnel that was asked for. */
  readonly requests: IncomingMessage[] = [];
  readonly #server: Server;
  readonly #scheme: "http" | "https";
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, { tls, answer, targetPort }: ConnectProxyOptions) {
    this.#server = server;
    this.#scheme = tls ? "https" : "http";
    server.on("connection", (socket: Socket) => this.#sockets.add(socket.on("error", () => {})));
    server.on("connect", (request: IncomingMessage, near: Socket) => {
      this.requests.push(request);
      near.on("error", () => {});
      if (answer !== undefined) {
        near.write(answer);
        near.on("end", () => near.end()).resume();
        return;
      }
      const port = targetPort ?? Number(request.url?.split(":").at(-1));
      const far = connect(port, "127.0.0.1", () => {
        near.write("HTTP/1.1 200 Connection established\r\n\r\n");
        near.pipe(far).pipe(near);
      });
      this.#sockets.add(far.on("error", () => near.destroy()));
      near.on("close", () => far.destroy());
    });
  }

  static async start(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
    const server = options.tls ? createSecureServer(options.tls) : createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new ConnectProxy(server, options);
  }

  /** Connections that are open, of tunnels and of those who ask for one. */
  get open(): number {
    return [...this.#sockets].filter(({ closed }) => !closed).length;
  }

  url(credentials = ""): string {
    const { port } = this.#server.address() as AddressInfo;
    return `${this.#scheme}://${credentials}127.0.0.1:${port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}

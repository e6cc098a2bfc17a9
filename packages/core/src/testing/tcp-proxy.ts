import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/**
 * A TCP proxy on loopback between two ends of a test, that can stop forwarding (both connections stay open, as
 * when a machine hangs) or cut the line.
 *
 * @example
 * ```ts
 * await using proxy = await TcpProxy.start(serverPort);
 * const link = await transport.dial(`tcp://127.0.0.1:${proxy.port}`);
 * proxy.freeze();
 * ```
 */
export class TcpProxy implements AsyncDisposable {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** News of one side that the other must not hear while frozen. */
  #held: (() => void)[] = [];
  #frozen = false;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  static async start(targetPort: number): Promise<TcpProxy> {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const proxy = new TcpProxy(server);
    const target = { port: targetPort, host: "127.0.0.1", allowHalfOpen: true };
    server.on("connection", (near) => proxy.#join(near, connect(target)));
    return proxy;
  }

  /** Nothing is forwarded any more, in either direction, not even an end; the connections stay open. */
  freeze(): void {
    this.#frozen = true;
    for (const socket of this.#sockets) socket.pause();
  }

  thaw(): void {
    this.#frozen = false;
    for (const tell of this.#held.splice(0)) tell();
    for (const socket of this.#sockets) socket.resume();
  }

  /** Resets every connection. New ones are still accepted. */
  cut(): void {
    this.#held = [];
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.cut();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #join(near: Socket, far: Socket): void {
    this.#sockets.add(near).add(far);
    this.#forward(near, far);
    this.#forward(far, near);
  }

  #forward(from: Socket, to: Socket): void {
    from.setNoDelay(true);
    from.on("data", (chunk) => {
      if (!to.write(chunk)) from.pause();
    });
    to.on("drain", () => {
      if (!this.#frozen) from.resume();
    });
    from.on("end", () => this.#tell(() => to.end()));
    // A reset on one side is a reset on the other; which error it was does not matter here.
    from.on("error", () => this.#tell(() => to.resetAndDestroy()));
    from.on("close", () => {
      this.#sockets.delete(from);
      // After an end, what was forwarded may still be on its way.
      if (!from.readableEnded) this.#tell(() => to.destroy());
    });
    if (this.#frozen) from.pause();
    else from.resume();
  }

  #tell(news: () => void): void {
    if (this.#frozen) this.#held.push(news);
    else news();
  }
}

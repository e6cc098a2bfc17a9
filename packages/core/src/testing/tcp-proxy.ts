import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** One direction of a connection: what it forwards late stays in order. */
interface Line {
  readonly from: Socket;
  readonly to: Socket;
  /** Forwarded later, and not yet. */
  late: number;
  dueMs: number;
}

/**
 * A TCP proxy on loopback between two ends of a test, that can stop forwarding (both connections stay open, as
 * when a machine hangs), forward late, break off in the middle, or cut the line.
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
  #delayMs = 0;
  #isTruncating = false;

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

  /** From now on all is forwarded so many ms late, also an end. What is under way keeps its delay, and its place. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Of the next chunk that comes, from either side, the first half is forwarded; then all connections are cut. */
  truncate(): void {
    this.#isTruncating = true;
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
    const line: Line = { from, to, late: 0, dueMs: 0 };
    from.setNoDelay(true);
    from.on("data", (chunk) => this.#pass(line, () => this.#write(line, chunk)));
    to.on("drain", () => {
      if (!this.#frozen) from.resume();
    });
    from.on("end", () => this.#pass(line, () => this.#tell(() => to.end())));
    // A reset on one side is a reset on the other; which error it was does not matter here.
    from.on("error", () => this.#pass(line, () => this.#tell(() => to.resetAndDestroy())));
    from.on("close", () => {
      this.#sockets.delete(from);
      this.#pass(line, () => this.#tell(() => to.destroy()));
    });
    if (this.#frozen) from.pause();
    else from.resume();
  }

  /** Now, or after the delay of the moment; in order in any case. */
  #pass(line: Line, news: () => void): void {
    if (this.#delayMs === 0 && line.late === 0) {
      news();
      return;
    }
    line.late++;
    line.dueMs = Math.max(line.dueMs, performance.now() + this.#delayMs);
    const arrive = (): void => {
      line.late--;
      this.#tell(news);
    };
    setTimeout(arrive, line.dueMs - performance.now());
  }

  #write({ from, to }: Line, chunk: Buffer): void {
    if (this.#isTruncating) {
      this.#isTruncating = false;
      to.write(chunk.subarray(0, chunk.length >> 1), () => this.cut());
    } else if (!to.write(chunk)) from.pause();
  }

  #tell(news: () => void): void {
    if (this.#frozen) this.#held.push(news);
    else news();
  }
}

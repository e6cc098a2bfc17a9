import { AsyncQueue } from "@net/core";

// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever JSON came.
type Frame = any;

/** A WebSocket whose frames are taken one by one. */
export class TestSocket implements Disposable {
  readonly #socket: WebSocket;
  readonly #frames = new AsyncQueue<Frame>({ capacity: 100_000 });
  /** The code and reason of the close frame. */
  readonly closed: Promise<{ code: number; reason: string }>;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    const { promise, resolve } = Promise.withResolvers<{ code: number; reason: string }>();
    this.closed = promise;
    socket.onmessage = ({ data }) => this.#frames.push(JSON.parse(data));
    socket.onclose = ({ code, reason }) => {
      this.#frames.end();
      resolve({ code, reason });
    };
  }

  static async open(url: string): Promise<TestSocket> {
    const socket = new WebSocket(url);
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error("the upgrade was refused"));
    });
    return new TestSocket(socket);
  }

  send(frame: unknown): void {
    this.#socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  sendBytes(bytes: Uint8Array<ArrayBuffer>): void {
    this.#socket.send(bytes);
  }

  /** The next frame; undefined once closed. */
  async next(): Promise<Frame> {
    return this.#frames.take();
  }

  /** The next `count` messages' numbers and texts. */
  async messages(count: number): Promise<[seq: number, text: string][]> {
    const read: [number, string][] = [];
    while (read.length < count) {
      const { kind, seq, message } = await this.next();
      if (kind === "message") read.push([seq, message.text]);
    }
    return read;
  }

  /** Frames that have come and were not taken. */
  get waiting(): number {
    return this.#frames.size;
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.closed;
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

/** A server of `node:http` on loopback, until it is disposed of. */
export class HttpHost implements AsyncDisposable {
  readonly #server: ReturnType<typeof createServer>;

  constructor(listener: RequestListener) {
    this.#server = createServer(listener);
  }

  /** @returns its address. */
  async listen(port = 0): Promise<URL> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    return new URL(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/mcp`);
  }

  /** Cuts all connections. */
  cut(): void {
    this.#server.closeAllConnections();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

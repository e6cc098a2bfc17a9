import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import WebSocket, { type ClientOptions, WebSocketServer } from "ws";

// The only file that knows the `ws` library.

export type { ClientOptions };
export { WebSocketServer };

/** Who is told what happens to a socket. */
export interface SocketOwner {
  onUpgrade(stream: Socket): void;
  /** The server did not upgrade. */
  onResponse(response: IncomingMessage): void;
  onOpen(): void;
  onMessage(data: Buffer, isBinary: boolean): void;
  /** A ping or a pong came, with that. */
  onSign(data: Buffer): void;
  onError(error: Error): void;
  onClose(code: number, reason: Buffer): void;
}

/**
 * A socket that knows its owner, so that all sockets share their listeners: a closure for each event of each socket
 * would be a tenth of what ten thousand idle ones take.
 */
export class OwnedWebSocket extends WebSocket {
  #owner: SocketOwner | undefined;

  /** Tells `owner` from now on what happens. Called once. */
  report(owner: SocketOwner): void {
    this.#owner = owner;
    if (this.readyState === WebSocket.CONNECTING) this.#reportOpening();
    this.on("message", OwnedWebSocket.#onMessage);
    this.on("ping", OwnedWebSocket.#onSign);
    this.on("pong", OwnedWebSocket.#onSign);
    this.on("error", OwnedWebSocket.#onError);
    this.on("close", OwnedWebSocket.#onClose);
  }

  #reportOpening(): void {
    this.on("upgrade", (response) => this.#owner?.onUpgrade(response.socket));
    this.on("unexpected-response", (_request, response) => this.#owner?.onResponse(response));
    this.on("open", () => this.#owner?.onOpen());
  }

  static #ownerOf(socket: WebSocket): SocketOwner | undefined {
    return socket instanceof OwnedWebSocket ? socket.#owner : undefined;
  }

  static #onMessage(this: WebSocket, data: WebSocket.RawData, isBinary: boolean): void {
    // Its `binaryType` is what it is by default.
    OwnedWebSocket.#ownerOf(this)?.onMessage(data as Buffer, isBinary);
  }

  static #onSign(this: WebSocket, data: Buffer): void {
    OwnedWebSocket.#ownerOf(this)?.onSign(data);
  }

  static #onError(this: WebSocket, error: Error): void {
    OwnedWebSocket.#ownerOf(this)?.onError(error);
  }

  static #onClose(this: WebSocket, code: number, reason: Buffer): void {
    OwnedWebSocket.#ownerOf(this)?.onClose(code, reason);
  }
}

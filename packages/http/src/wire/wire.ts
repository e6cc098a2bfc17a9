import type { Readable } from "node:stream";
import type { RawHeaders } from "../response/headers.ts";

/** A request, as it is handed to the connections. */
export interface WireRequest {
  readonly origin: string;
  /** The origin that is connected to instead: behind a proxy, a checked address. The answer is still `origin`'s. */
  readonly connectTo?: string | undefined;
  readonly path: string;
  readonly method: string;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: string | Uint8Array | Readable | null;
}

/** The side of the connection that can be told to wait, go on, or stop. */
export interface WireController {
  abort(reason: Error): void;
  pause(): void;
  resume(): void;
}

/** Hears of one request and its answer. */
export interface WireHandler {
  /** It goes out now. */
  onRequestStart(controller: WireController): void;
  onBodySent?(chunk: Uint8Array | string): void;
  onResponseStart(controller: WireController, status: number, headers: RawHeaders): void;
  onResponseData(controller: WireController, chunk: Uint8Array): void;
  onResponseEnd(controller: WireController, trailers: RawHeaders): void;
  onResponseError(controller: WireController | null, error: Error): void;
}

/** What carries requests: kept-alive connections, or a stand-in for tests. */
export interface Wire {
  dispatch(request: WireRequest, handler: WireHandler): void;
  /** Ends every connection, with whatever is under way on it. */
  destroy(reason: Error): Promise<void>;
}

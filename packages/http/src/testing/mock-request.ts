import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { WireHandler, WireRequest } from "../wire/wire.ts";

/** A request as it would have gone out. */
export class MockRequest {
  readonly method: string;
  /** The whole URL. */
  readonly url: string;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;

  constructor({ method, origin, path, headers }: Omit<WireRequest, "body">, body: Uint8Array) {
    this.method = method;
    this.url = origin + path;
    this.headers = named(headers);
    this.body = body;
  }

  get text(): string {
    return new TextDecoder().decode(this.body);
  }

  json(): unknown {
    return JSON.parse(this.text) as unknown;
  }
}

function named(flat: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at < flat.length; at += 2) headers[flat[at] ?? ""] = flat[at + 1] ?? "";
  return headers;
}

/** Reads a body to its end, as a server would. */
export async function readBody(
  body: WireRequest["body"],
  handler: WireHandler,
): Promise<Uint8Array> {
  const bytes = body instanceof Readable ? await buffer(body) : Buffer.from(body ?? "");
  if (bytes.length > 0) handler.onBodySent?.(bytes);
  return bytes;
}

import type { RawHeaders } from "../response/headers.ts";
import type { BodyStream } from "./body-stream.ts";

/** An answer as it came from the wire: its body whole, or as it comes. */
export interface Answer {
  readonly status: number;
  readonly headers: RawHeaders;
  /** The whole body; empty where it is a stream. */
  readonly content: Uint8Array;
  /** The body of a call that asked for a stream. */
  readonly body: BodyStream | undefined;
}

/** A body this small is read to its end, so that its connection can be used again; any other costs the connection. */
const MAX_DRAINED_BYTES = 64 * 1024;

/** Lets go of an answer that nobody will read; what comes next does not wait for it. */
export function discard({ headers, body }: Answer): void {
  const length = Number(headers["content-length"] ?? Number.POSITIVE_INFINITY);
  if (body && length <= MAX_DRAINED_BYTES) void readUpTo(body, MAX_DRAINED_BYTES);
  else void body?.return();
}

/** The body's beginning, at most `maxBytes`; the rest is not read. */
export async function readUpTo(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      length += chunk.byteLength;
      if (length > maxBytes) break;
    }
  } catch {
    // It broke in the middle: what came is all there is to be had, and nobody waits for the rest.
  }
  return joined(chunks, length).subarray(0, maxBytes);
}

/** Copies: a chunk is a view of a far larger read buffer, which a small body must not keep alive. */
export function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const content = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    content.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return content;
}

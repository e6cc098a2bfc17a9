import { ProtocolError } from "@net/core";

/** As much of the platform's `fetch` as is needed here. */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** The SDK's limit for a message on standard streams; by HTTP it has none. */
const DEFAULT_MAX_MESSAGE_BYTES = 10_485_760;
const LF = 10;
const CR = 13;

/** A `fetch` whose answers fail when a message in them is too large: the whole body, or one event of a stream of events. */
export function boundedFetch(fetch: Fetch, maxBytes: number = DEFAULT_MAX_MESSAGE_BYTES): Fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (!response.body) return response;
    const { status, statusText, headers } = response;
    const isEvents = headers.get("content-type")?.startsWith("text/event-stream") ?? false;
    const body = response.body.pipeThrough(limit(maxBytes, isEvents));
    return new Response(body, { status, statusText, headers });
  };
}

function limit(maxBytes: number, isEvents: boolean): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  const count = (more: number): void => {
    bytes += more;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
  };
  return new TransformStream({
    transform(chunk, controller) {
      let start = 0;
      for (const end of isEvents ? eventEnds(chunk) : []) {
        count(end - start);
        [bytes, start] = [0, end];
      }
      count(chunk.byteLength - start);
      controller.enqueue(chunk);
    },
  });
}

/** Where events end: at empty lines. One that two chunks share is not seen; then two events are counted as one. */
function* eventEnds(chunk: Uint8Array): Generator<number> {
  for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, at + 1)) {
    if (chunk[at + 1] === LF) yield at + 2;
    else if (chunk[at + 1] === CR && chunk[at + 2] === LF) yield at + 3;
  }
}

function tooLarge(maxBytes: number): ProtocolError {
  const message = `an MCP server sent a message of more than ${maxBytes} bytes`;
  return new ProtocolError(message, { code: "FRAME_TOO_LARGE" });
}

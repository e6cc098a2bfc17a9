import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";

/** Answers a request of `node:http`. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * A web-standard handler as one for `node:http`. A client that hangs up aborts the request's signal and the body of the
 * answer.
 *
 * @param onFault told of what cannot be answered any more.
 */
export function nodeHandler(
  fetch: (request: Request) => Promise<Response>,
  onFault: (error: unknown) => void,
): NodeHandler {
  return (incoming, outgoing) => {
    void answer(fetch, incoming, outgoing).catch((error: unknown) => {
      onFault(error);
      outgoing.destroy();
    });
  };
}

async function answer(
  fetch: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const hangUp = new AbortController();
  outgoing.once("close", () => hangUp.abort());
  const response = await fetch(toRequest(incoming, hangUp.signal));
  if (outgoing.destroyed) {
    await response.body?.cancel();
    return;
  }
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  // Node keeps the head back until there is a body: who waits for news would not know that it is heard.
  if (response.body) outgoing.flushHeaders();
  await send(response, outgoing);
}

async function send({ body }: Response, outgoing: ServerResponse): Promise<void> {
  if (!body) {
    outgoing.end();
    return;
  }
  try {
    // Cancels the body when the client hangs up; that is how calls end, and no fault.
    await pipeline(Readable.fromWeb(body as NodeReadableStream), outgoing);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
}

function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const { method = "GET", url = "/", headers } = incoming;
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(new URL(url, `http://${headers.host ?? "localhost"}`), {
    ...{ method, headers: toHeaders(incoming), signal },
    ...(hasBody && {
      body: Readable.toWeb(incoming) as ReadableStream<Uint8Array>,
      duplex: "half",
    }),
  });
}

function toHeaders({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    // HTTP/2's own, such as `:path`, are no headers.
    if (!name.startsWith(":")) headers.append(name, rawHeaders[at + 1] ?? "");
  }
  return headers;
}

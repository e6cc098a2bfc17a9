import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { HTTPClient } from "@net/http";

/** A request as a server saw it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** What a server answers: a value as JSON, or text of another media type. */
export interface Reply {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly type?: string;
  /** The answer does not end. */
  readonly endless?: true;
}

/** A server of this machine, and an HTTP client for it. */
export interface Mirror extends AsyncDisposable {
  readonly http: HTTPClient;
  /** The last request. */
  readonly seen: Seen;
  /** Resolves once the connection of an answer is gone, or the answer is whole. */
  readonly left: Promise<unknown>;
}

/** Starts a server that notes each request and answers it as `reply` says. */
export async function mirror(reply: (seen: Seen) => Reply): Promise<Mirror> {
  const requests: Seen[] = [];
  const left = Promise.withResolvers<unknown>();
  const server = createServer((request, response) => {
    response.once("close", left.resolve);
    void look(request).then((seen) => {
      requests.push(seen);
      write(response, reply(seen));
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const http = new HTTPClient({ baseUrl, maxRetries: 0, throwOnError: true });
  return {
    http,
    left: left.promise,
    get seen() {
      const last = requests.at(-1);
      if (!last) throw new Error("nothing was asked");
      return last;
    },
    async [Symbol.asyncDispose]() {
      await http.close();
      server.close();
    },
  };
}

function write(response: ServerResponse, reply: Reply): void {
  const { status = 200, json, text = json === undefined ? "" : JSON.stringify(json) } = reply;
  const { type = json === undefined ? "text/plain" : "application/json" } = reply;
  response.writeHead(status, text ? { "content-type": type } : {});
  if (reply.endless) response.write(text);
  else response.end(text);
}

async function look(request: IncomingMessage): Promise<Seen> {
  const { method = "", url = "", headers } = request;
  const { pathname, searchParams } = new URL(url, "http://mirror");
  return {
    method,
    path: pathname,
    query: [...searchParams],
    headers,
    body: String(await buffer(request)),
  };
}

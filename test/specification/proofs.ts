import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { webSocketTransport } from "@net/ws/transport";
import { read } from "../support/workspace.ts";
import type { Proof } from "./row.ts";

/** Named tests show it; they must exist. (That none is skipped, `test/test-files.test.ts` sees to.) */
export function shownBy(file: string, ...names: readonly [string, ...string[]]): Proof {
  return () => {
    const code = read(file);
    for (const name of names) {
      const [before = "", after] = code.split(JSON.stringify(name));
      const isTest = after !== undefined && /\btest\b[^;]*\(\s*$/.test(before);
      if (!isTest) throw new Error(`${file} has no test "${name}"`);
    }
  };
}

/** An example shows it: `test/examples.test.ts` runs each to its end. It must still say `words`. */
export function shownByExample(file: string, ...words: readonly string[]): Proof {
  return () => {
    const code = read(file);
    for (const word of words) {
      if (!code.includes(word)) throw new Error(`${file} does not say ${word}`);
    }
  };
}

/** Runs `use` beside a WebSocket server that echoes bytes. */
export async function withEcho(use: (url: string) => Promise<void>): Promise<void> {
  await using server = await webSocketTransport().listen("ws://127.0.0.1:0/", (link) => {
    link.receive((frame) => link.send(frame));
  });
  await use(server.address);
}

/** What an HTTP server was asked, as {@link withHttp} tells it back. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Runs `use` beside a server that answers with the given status codes in turn, and tells back what it was asked. */
export async function withHttp(
  use: (url: string) => Promise<void>,
  statuses: readonly number[] = [200],
): Promise<void> {
  let next = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, url, headers } = request;
    const asked = JSON.stringify({ method, url, headers, body: await text(request) });
    const status = statuses[Math.min(next++, statuses.length - 1)] ?? 200;
    response.writeHead(status, { "content-type": "application/json" }).end(asked);
  };
  const server = createServer((request, response) => void answer(request, response));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  try {
    await use(`http://127.0.0.1:${port}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

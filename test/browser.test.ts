import { fileURLToPath } from "node:url";
import type { JsonValue, Link } from "@net/core";
import { createServer } from "@net/server";
import { acceptSessions, memorySessionStore, type Session } from "@net/ws/session";
import { webSocketTransport } from "@net/ws/transport";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleForBrowser, launchChromium, runInPage } from "./support/chromium.ts";
import { EchoServer } from "./support/echo-server.ts";
import { PageServer } from "./support/page-server.ts";
import { requireProgram } from "./support/programs.ts";

const chromiumPath = requireProgram("chromium");
let browser: Browser | undefined;

beforeAll(async () => {
  if (chromiumPath) browser = await launchChromium(chromiumPath);
}, 60_000);
afterAll(async () => {
  await browser?.close();
});

/** Applies what comes, and cuts the links now and then. */
async function applyAll(each: Session, into: JsonValue[], cut: () => void): Promise<void> {
  for await (const delivery of each.inbox()) {
    await delivery.commit(() => void into.push(delivery.body));
    if (into.length % 40 === 0) cut();
  }
}

function cutAll(links: Set<Link>): void {
  for (const link of links) link.abort();
  links.clear();
}

const page = (name: string): string => fileURLToPath(new URL(`browser/${name}`, import.meta.url));

test.runIf(chromiumPath)("core's root runs in a browser", { timeout: 60_000 }, async () => {
  const result = await runInPage(browser, await bundleForBrowser(page("core.page.ts")));

  expect(result).toEqual({
    echo: "hello from a page",
    retried: 3,
    timedOut: true,
    error: "CONFLICT",
    redacted: "wss://***@h/?token=***",
    random: 2693262067 / 2 ** 32,
    queued: [1, 2, 3],
    emitted: "page",
    node: false,
  });
});

test.runIf(chromiumPath)(
  "the WebSocket client talks and comes back in a browser",
  { timeout: 60_000 },
  async () => {
    const code = await bundleForBrowser(page("ws.page.ts"));
    await using echo = await EchoServer.start();
    const result = await runInPage(browser, code, { argument: echo.url, at: echo.pageUrl });

    expect(result).toEqual({
      text: "text",
      bytes: [1, 2, 3],
      again: "back again",
      afterClose: undefined,
      states: ["open", "open", "closing", "closed"],
      refused: true,
    });
  },
);

test.runIf(chromiumPath)(
  "a session in a browser loses nothing while its links are cut",
  { timeout: 60_000 },
  async () => {
    await using pages = await PageServer.start();
    const numbers = Array.from({ length: 200 }, (_, n) => n);
    const received: JsonValue[] = [];
    const links = new Set<Link>();
    await using server = acceptSessions({
      store: memorySessionStore(),
      authenticate: ({ session }) => ({ session }),
      onSession: (each) => {
        each.handle("time", () => "noon");
        void applyAll(each, received, () => cutAll(links));
      },
    });
    const transport = webSocketTransport({ origins: [pages.origin] });
    transport.attach(pages.server, "/session", (link) => {
      links.add(link);
      server.accept(link);
    });
    transport.attach(pages.server, "/flood", (link) => {
      link.receive(() => {});
      for (let i = 0; i < 40; i++) link.send(new Uint8Array(1024));
    });
    const published = Promise.all(numbers.map((n) => server.publish("page", n)));
    const code = await bundleForBrowser(page("session.page.ts"));
    const argument = { url: pages.webSocketUrl(""), count: numbers.length };
    const result = await runInPage(browser, code, { argument, at: pages.origin });
    await published;

    expect(result).toEqual({
      received: numbers,
      answer: "noon",
      wasCut: true,
      listening: "UNSUPPORTED",
      overflow: "overloaded",
      remote: false,
    });
    expect(received).toEqual(numbers);
  },
);

test.runIf(chromiumPath)(
  "the client signs up, writes and reads in a browser",
  { timeout: 60_000 },
  async () => {
    await using server = await createServer({ database: ":memory:", port: 0 });
    const argument = {
      baseUrl: server.url,
      alice: { username: "alice", password: "correct horse 1" },
      bob: { username: "bob", password: "battery staple 2" },
    };
    const code = await bundleForBrowser(page("client.page.ts"));
    const result = await runInPage(browser, code, { argument, at: `${server.url}/health` });

    expect(result).toEqual({ text: "hello from a page", seq: 1, from: "alice", friend: "alice" });
  },
);

import { fileURLToPath } from "node:url";
import { createServer } from "@net/server";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleForBrowser, launchChromium, runInPage } from "./support/chromium.ts";
import { EchoServer } from "./support/echo-server.ts";
import { requireProgram } from "./support/programs.ts";

const chromiumPath = requireProgram("chromium");
let browser: Browser | undefined;

beforeAll(async () => {
  if (chromiumPath) browser = await launchChromium(chromiumPath);
}, 60_000);
afterAll(async () => {
  await browser?.close();
});

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

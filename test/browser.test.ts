import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleForBrowser, launchChromium, runInPage } from "./support/chromium.ts";
import { requireProgram } from "./support/programs.ts";

const chromiumPath = requireProgram("chromium");
let browser: Browser;

beforeAll(async () => {
  if (chromiumPath) browser = await launchChromium(chromiumPath);
}, 60_000);
afterAll(async () => {
  await browser?.close();
});

const page = (name: string): string => fileURLToPath(new URL(`browser/${name}`, import.meta.url));

test.runIf(chromiumPath)("core's root runs in a browser", { timeout: 60_000 }, async () => {
  const code = await bundleForBrowser(page("core.page.ts"));
  await using context = await browser.newContext();
  const result = await runInPage(await context.newPage(), code);

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

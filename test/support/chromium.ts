import { type Browser, chromium } from "playwright-core";
import { rolldown } from "rolldown";

/** Chromium asks the outside world nothing: no updates, no sync, no look-ups. */
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A headless Chromium that ends with its user. */
export async function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: QUIET });
}

/** One script of a module and everything it imports, as a browser's bundler resolves it. */
export async function bundleForBrowser(entry: string): Promise<string> {
  await using bundle = await rolldown({
    input: entry,
    platform: "browser",
    resolve: { conditionNames: ["@net/source", "browser", "import", "default"] },
    onLog: (_level, log) => {
      throw new Error(log.message);
    },
  });
  const { output } = await bundle.generate({ format: "esm", codeSplitting: false });
  const [chunk, ...others] = output;
  if (others.length > 0 || chunk.imports.length > 0) {
    throw new Error(`the bundle needs ${chunk.imports.join(", ") || "more than one file"}`);
  }
  return chunk.code;
}

/** Runs a module of ours in a page, by itself at `at`, and gives what its `run` export resolves with. */
export async function runInPage(
  browser: Browser | undefined,
  code: string,
  { argument, at = "about:blank" }: { readonly argument?: unknown; readonly at?: string } = {},
): Promise<unknown> {
  if (!browser) throw new Error("no browser was launched");
  await using context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  await page.goto(at);
  // As text: the test runner rewrites the imports of a function.
  const call = `import(URL.createObjectURL(new Blob([${JSON.stringify(code)}], { type: "text/javascript" })))
    .then((module) => module.run(${JSON.stringify(argument)}))`;
  return await page.evaluate(call);
}

import { expect, test } from "vitest";
import { run } from "./support/run.ts";
import { files } from "./support/workspace.ts";

const LIMIT = 30_000;
const examples = files("packages/*/examples/*.ts");

test.concurrent.each(examples)(
  "%s runs to its end",
  { timeout: LIMIT + 5_000 },
  async (example) => {
    const ended = await run(process.execPath, ["--conditions=@net/source", example], {
      timeout: LIMIT,
    });

    expect(ended).toMatchObject({ stderr: "", exitCode: 0 });
  },
);

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

/** Runs a script in a process of its own, where an uncaught exception is data. */
async function script(body: string): Promise<string[]> {
  const code = `
    import { memoryTransport } from "@net/core";
    const seen = [];
    process.on("uncaughtException", (error) => seen.push("uncaught " + error.message));
    const network = memoryTransport();
    ${body}
    await new Promise((resolve) => setTimeout(resolve, 5));
    console.log(JSON.stringify(seen));`;
  const { stdout } = await run(
    process.execPath,
    ["--conditions=@net/source", "--input-type=module", "--eval", code],
    { cwd: import.meta.dirname },
  );
  return JSON.parse(stdout) as string[];
}

test("a receiver that throws ends its link with internal, and its error is reported", async () => {
  const seen = await script(`
    await network.listen("memory:a", (link) => {
      link.receive(() => { throw new Error("bug"); });
      link.closed.then((reason) => seen.push(reason.code));
    });
    const link = await network.dial("memory:a");
    link.receive(() => {});
    link.send(new Uint8Array(1));
    seen.push((await link.closed).code);`);

  expect(seen).toEqual(expect.arrayContaining(["internal", "uncaught bug", "internal"]));
  expect(seen).toHaveLength(3);
});

test("an acceptor that throws ends that link only", async () => {
  const seen = await script(`
    await network.listen("memory:a", () => { throw new Error("bug"); });
    for (let i = 0; i < 2; i++) {
      const link = await network.dial("memory:a");
      link.receive(() => {});
      seen.push((await link.closed).code);
    }`);

  expect(seen.filter((line) => line === "internal")).toHaveLength(2);
  expect(seen.filter((line) => line === "uncaught bug")).toHaveLength(2);
});

test("an emitter's listener that throws is reported and stops nobody", async () => {
  const seen = await script(`
    const { Emitter } = await import("@net/core");
    const events = new Emitter();
    events.on("x", () => { throw new Error("bug"); });
    events.on("x", () => seen.push("second"));
    events.emit("x");
    seen.push("after");`);

  expect(seen).toEqual(["second", "after", "uncaught bug"]);
});

test("a producer that throws when it is told of room loses no item", async () => {
  const seen = await script(`
    const { AsyncQueue } = await import("@net/core");
    const queue = new AsyncQueue({ capacity: 1, onRoom: () => { throw new Error("bug"); } });
    queue.push("item");
    seen.push(await queue.take());`);

  expect(seen.toSorted()).toEqual(["item", "uncaught bug"]);
});

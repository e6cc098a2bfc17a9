import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, test, vi } from "vitest";
import { DemoProcess } from "./support/demo-process.ts";

/** Several processes start here, on a machine that may be busy with other tests. */
const timeout = 120_000;
const linux = process.platform === "linux";

interface StepReport {
  readonly name: string;
  readonly ok: boolean;
  readonly seen: Readonly<Record<string, unknown>>;
}

test.runIf(linux)("the tour goes through, and reports what it saw", { timeout }, async () => {
  await using demo = new DemoProcess("--once", "--json");
  const code = await demo.exit();

  expect(demo.stderr).toBe("");
  expect(code).toBe(0);
  const { ok, steps } = JSON.parse(demo.stdout) as { ok: boolean; steps: StepReport[] };
  const seen = Object.fromEntries(steps.map(({ name, seen }) => [name, seen]));
  expect(ok).toBe(true);
  expect(steps.map(({ name }) => name)).toEqual([
    "start",
    "discovery",
    "map",
    "two-hops",
    "parallel",
    "failover",
    "offline-message",
  ]);
  expect(seen["two-hops"]).toMatchObject({ executedOn: "gpu-box", hops: 2, couldReadFile: false });
  expect(Object.keys(seen.parallel?.ranOn as object).sort()).toEqual([
    "desktop",
    "gpu-box",
    "laptop",
  ]);
  expect(seen.failover?.executedOn).not.toBe(seen.failover?.killed);
  expect(seen["offline-message"]).toMatchObject({ from: "alice", to: "bob", seq: 1 });
  expect(await demo.processes()).toEqual([]);
});

test.runIf(linux)(
  "Ctrl-C ends the network, and leaves no process",
  { timeout },
  async ({ signal }) => {
    await using demo = new DemoProcess();
    await demo.says("The network stays up", signal);
    expect((await demo.processes()).length).toBe(5);
    demo.interrupt();

    expect(await demo.exit()).toBe(0);
    expect(await demo.processes()).toEqual([]);
    expect(demo.stderr).toBe("");
  },
);

test.runIf(linux)(
  "when the coordinator is killed, every machine ends",
  { timeout },
  async ({ signal }) => {
    await using demo = new DemoProcess();
    await demo.says("find each other", signal);
    demo.killCoordinator();

    await vi.waitFor(async () => expect(await demo.processes()).toEqual([]), { timeout: 30_000 });
  },
);

test.each([
  ["no-such-file.txt", "there is no such file"],
  [".", "that is no regular file"],
])("--file %s is answered with a sentence", { timeout }, async (path, why) => {
  await using demo = new DemoProcess("--once", "--file", path);

  expect(await demo.exit()).toBe(1);
  expect(demo.stderr).toMatch(/^cannot read .*: .*\. Name another with --file <path>\n$/);
  expect(demo.stderr).toContain(why);
  expect(demo.stdout).toBe("");
});

test.runIf(linux)("a device is not read: it has no end", { timeout }, async () => {
  await using demo = new DemoProcess("--once", "--file", "/dev/zero");

  expect(await demo.exit()).toBe(1);
  expect(demo.stderr).toContain("that is no regular file");
});

test("a busy port is answered with a sentence", { timeout }, async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await using demo = new DemoProcess("--once", "--listen", `127.0.0.1:${port}`);

  expect(await demo.exit()).toBe(1);
  expect(demo.stderr).toContain(
    `cannot listen at 127.0.0.1:${port} (ADDRESS_IN_USE): choose another`,
  );
  expect(demo.stderr).toContain("(start) failed");
  server.close();
});

test("a wrong argument is answered with what would be right", { timeout }, async () => {
  await using demo = new DemoProcess("--listen", "9000");

  expect(await demo.exit()).toBe(1);
  expect(demo.stderr).toContain("host:port");
});

import { DistributedExecutor, ToolExecutor } from "@net/p2p";
import { ToolRouter } from "@net/routing";
import { expect } from "vitest";
import { executorOf, startPeer, until, withMesh } from "../mesh.ts";
import { done, type Proof, type Row } from "../row.ts";

const localTools = (): ToolExecutor => {
  const tools = new ToolExecutor();
  tools.register({ name: "add" }, (numbers) => (numbers as number[]).reduce((a, b) => a + b));
  return tools;
};

/** On the desktop of the mesh, which has no tool of its own. */
const onDesktop =
  (use: (executor: DistributedExecutor) => Promise<void>): Proof =>
  () =>
    withMesh(({ desktop }) => use(executorOf(desktop)));

const compress = { toolName: "shout", params: "video", context: {} };

/** Tools that run wherever they run best. */
export const executionRows: readonly Row[] = [
  done("new ToolRouter()", "chooses the peer for a tool", "@net/routing ToolRouter", () => {
    const candidates = [
      { peerId: "laptop", tools: ["image-processing"], capabilities: [] },
      { peerId: "gpu-box", tools: ["image-processing"], capabilities: ["gpu", "image-processing"] },
    ];
    const requiredCapabilities = ["gpu", "image-processing"];
    const chosen = new ToolRouter().choose("image-processing", candidates, {
      requiredCapabilities,
    });
    expect(chosen?.peerId).toBe("gpu-box");
  }),
  done(
    "new DistributedExecutor(localExecutor, router)",
    "runs tools on the best peer",
    "@net/p2p DistributedExecutor",
    async () => {
      const executor = new DistributedExecutor(localTools(), new ToolRouter());
      expect((await executor.execute("add", [1, 2], {})).value).toBe(3);
    },
  ),
  done(
    "new ToolExecutor()",
    "holds the tools of this machine",
    "@net/p2p ToolExecutor",
    async () => {
      expect(await localTools().execute("add", [1, 2])).toBe(3);
    },
  ),
  done(
    "DistributedExecutor.execute(toolName, params, context, options)",
    "runs one",
    "@net/p2p DistributedExecutor#execute",
    onDesktop(async (executor) => {
      expect((await executor.execute("shout", "hello", {}, {})).value).toBe("HELLO");
    }),
  ),
  done("options.preferLocal", "here if it can be", "@net/p2p ExecuteOptions", () =>
    withMesh(async ({ laptop }) => {
      const { executedOn } = await executorOf(laptop).execute(
        "shout",
        "a",
        {},
        { preferLocal: true },
      );
      expect(executedOn).toBe("laptop");
    }),
  ),
  done(
    "options.requiredCapabilities",
    "only where they are",
    "@net/p2p ExecuteOptions",
    onDesktop(async (executor) => {
      for (let time = 0; time < 5; time++) {
        const { executedOn } = await executor.execute(
          "shout",
          "a",
          {},
          { requiredCapabilities: ["gpu"] },
        );
        expect(executedOn).toBe("gpu-box");
      }
    }),
  ),
  done(
    "result.executedOn",
    "where it ran",
    "@net/p2p Execution",
    onDesktop(async (executor) => {
      expect(["laptop", "gpu-box"]).toContain((await executor.execute("shout", "a")).executedOn);
    }),
  ),
  done(
    "DistributedExecutor.executeParallel(executions)",
    "runs several at once",
    "@net/p2p DistributedExecutor#executeParallel",
    onDesktop(async (executor) => {
      const results = await executor.executeParallel([
        compress,
        { ...compress, toolName: "nobody's" },
        compress,
      ]);
      expect(results).toMatchObject([
        { ok: true, value: "VIDEO" },
        { ok: false, error: { code: "TOOL_NOT_FOUND" } },
        { ok: true, value: "VIDEO" },
      ]);
    }),
  ),
  done(
    "DistributedExecutor.getStats()",
    "what it did",
    "@net/p2p DistributedExecutor#getStats",
    onDesktop(async (executor) => {
      await executor.execute("shout", "a");
      expect(executor.getStats()).toMatchObject({
        started: 1,
        succeeded: 1,
        failed: 0,
        running: 0,
      });
    }),
  ),
  done(
    "automatic fallback to local execution",
    "when no peer can",
    "@net/p2p DistributedExecutor",
    async () => {
      await using alone = await startPeer("alone");
      alone.registerTool({ name: "shout" }, (text) => String(text).toUpperCase());
      expect(await executorOf(alone).execute("shout", "a")).toMatchObject({
        value: "A",
        executedOn: "alone",
      });
    },
  ),
  done(
    "failover",
    "a call finishes elsewhere when its peer dies",
    "@net/p2p DistributedExecutor",
    () =>
      withMesh(async ({ desktop, gpuBox, laptop }) => {
        const started = Promise.withResolvers<void>();
        gpuBox.registerTool({ name: "train", idempotent: true }, () => {
          started.resolve();
          return new Promise(() => {});
        });
        const executor = executorOf(desktop);
        await until(() =>
          desktop.getTopologyGraph().nodes.some(({ tools }) => tools.includes("train")),
        );
        const execution = executor.execute("train", {});
        await started.promise;
        laptop.registerTool({ name: "train", idempotent: true }, () => "trained");
        await until(
          () =>
            desktop.getTopologyGraph().nodes.filter(({ tools }) => tools.includes("train"))
              .length === 2,
        );
        await gpuBox.stop();
        expect(await execution).toEqual({ value: "trained", executedOn: "laptop", attempts: 2 });
      }),
  ),
  done(
    "load balancing",
    "work is spread",
    "@net/p2p DistributedExecutor",
    onDesktop(async (executor) => {
      await executor.executeParallel(Array.from({ length: 40 }, () => compress));
      expect(Object.keys(executor.getStats().executedOn).sort()).toEqual(["gpu-box", "laptop"]);
    }),
  ),
];

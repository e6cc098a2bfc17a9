import { createMcpHandler } from "@modelcontextprotocol/server";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { mountMcp } from "../../src/mcp/mount/mount-mcp.ts";
import { nodeHandler } from "../../src/mcp/offer/node-handler.ts";
import { FakeMesh } from "./support/fake-mesh.ts";
import { HttpHost } from "./support/http.ts";
import { officialServer } from "./support/official-server.ts";
import { connect, serve } from "./support/serving.ts";

test("tools of an official HTTP server are mounted, with progress, cancelling and changes", async () => {
  const begun = Promise.withResolvers<AbortSignal>();
  const handler = createMcpHandler(
    officialServer({ onCall: (tool, signal) => tool === "forever" && begun.resolve(signal) }),
  );
  await using host = new HttpHost(nodeHandler(handler.fetch, () => {}));
  const mesh = new FakeMesh();
  await using mounted = await mountMcp(mesh, { url: await host.listen() }, { prefix: "web." });
  const told: unknown[] = [];
  const onProgress = (value: unknown): void => void told.push(value);

  expect(mounted.tools).toContain("web.add");
  expect(await mesh.tools.execute("web.add", { a: 1, b: 2 })).toEqual({ sum: 3 });
  expect(await mesh.tools.execute("web.slow", {}, { onProgress })).toBe("done");
  expect(told).toHaveLength(2);
  const controller = new AbortController();
  const call = mesh.tools.run("web.forever", {}, { signal: controller.signal });
  const signal = await begun.promise;
  controller.abort();
  expect(await call).toMatchObject({ fate: "given-up" });
  await expect.poll(() => signal.aborted).toBe(true);
  await handler.close();
});

test("news that stopped coming are asked for again, and what changed meanwhile is seen", async () => {
  const theirs = new FakeMesh();
  const { url, host } = await serve(theirs);
  const clock = new FakeClock();
  const ours = new FakeMesh();
  await using mounted = await mountMcp(ours, { url }, { clock });
  theirs.registerTool({ name: "first" }, () => 1);
  await expect.poll(() => mounted.tools).toEqual(["first"]);
  host.cut();
  theirs.registerTool({ name: "second" }, () => 2);
  await expect.poll(() => clock.pending).toBe(1);
  await clock.advance(1_000);
  await expect.poll(() => mounted.tools).toEqual(["first", "second"]);
});

test("a message that is too large fails its call, by itself or in a stream of events", async () => {
  const theirs = new FakeMesh();
  theirs.registerTool({ name: "large" }, () => "x".repeat(20_000));
  theirs.registerTool({ name: "told" }, (_, { progress }) => {
    progress(1);
    return "x".repeat(20_000);
  });
  theirs.registerTool({ name: "small" }, (_, { progress }) => {
    for (let step = 1; step <= 300; step++) progress(step);
    return "x".repeat(1_000);
  });
  const { url } = await serve(theirs);
  const ours = new FakeMesh();
  await using _mounted = await mountMcp(ours, { url, maxMessageBytes: 10_000 });

  expect(await ours.tools.run("large", {})).toMatchObject({ error: { code: "FRAME_TOO_LARGE" } });
  expect(await ours.tools.run("told", {})).toMatchObject({ error: { code: "OUTCOME_UNKNOWN" } });
  expect(await ours.tools.run("small", {})).toMatchObject({ ok: true });
});

test.each(["its own client", "a client handed in"])(
  "a server that dies during a call fails it, whether or not its answer had begun (%s)",
  async (whose) => {
    const theirs = new FakeMesh();
    const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    theirs.registerTool({ name: "silent" }, () => {
      begun[0].resolve();
      return new Promise(() => {});
    });
    theirs.registerTool({ name: "telling" }, (_, { progress }) => {
      progress(1);
      return new Promise(() => {});
    });
    const { url, host } = await serve(theirs);
    const ours = new FakeMesh();
    await using _mounted = await mountMcp(
      ours,
      whose === "its own client" ? { url } : await connect(url),
    );
    const silent = ours.tools.run("silent", {});
    const telling = ours.tools.run("telling", {}, { onProgress: () => begun[1].resolve() });
    await Promise.all(begun.map(({ promise }) => promise));
    host.cut();

    expect(await silent).toMatchObject({ error: { code: "OUTCOME_UNKNOWN" } });
    expect(await telling).toMatchObject({ error: { code: "OUTCOME_UNKNOWN" } });
  },
);

test("an HTTP server that is not there is CONNECTION_REFUSED", async () => {
  const host = new HttpHost(() => {});
  const url = await host.listen();
  await host[Symbol.asyncDispose]();
  await expect(mountMcp(new FakeMesh(), { url })).rejects.toMatchObject({
    code: "CONNECTION_REFUSED",
  });
});

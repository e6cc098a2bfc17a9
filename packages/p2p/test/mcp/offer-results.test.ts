import { expect, test } from "vitest";
import { clientOf } from "./support/clients.ts";
import { FakeMesh } from "./support/fake-mesh.ts";
import { eras, offer } from "./support/offer.ts";

interface Terms {
  readonly a: number;
  readonly b: number;
}
const sum = { type: "object", properties: { sum: { type: "number" } }, required: ["sum"] };

test.each(eras)(
  "structured results come as such, and as text for those who know no better (%s)",
  async (_, mode) => {
    const mesh = new FakeMesh();
    mesh.registerTool<Terms>({ name: "add", outputSchema: sum }, ({ a, b }) => ({ sum: a + b }));
    mesh.registerTool({ name: "loose" }, () => ({ any: [1] }));
    const client = await clientOf(offer(mesh), mode);
    await client.listTools();

    expect(await client.callTool({ name: "add", arguments: { a: 1, b: 2 } })).toMatchObject({
      content: [{ type: "text", text: '{"sum":3}' }],
      structuredContent: { sum: 3 },
    });
    expect(await client.callTool({ name: "loose" })).toMatchObject({
      structuredContent: { any: [1] },
    });
  },
);

test("any JSON value is a structured result", async () => {
  const mesh = new FakeMesh();
  mesh.registerTool({ name: "list", outputSchema: { type: "array" } }, () => [1, "a", null]);
  mesh.registerTool({ name: "none", outputSchema: { type: "null" } }, () => null);
  const client = await clientOf(offer(mesh));
  await client.listTools();

  expect((await client.callTool({ name: "list" })).structuredContent).toEqual([1, "a", null]);
  expect((await client.callTool({ name: "none" })).structuredContent).toBeNull();
});

test("a client of 2025 gets what is no object in an object, as it must", async () => {
  const mesh = new FakeMesh();
  mesh.registerTool({ name: "list", outputSchema: { type: "array" } }, () => [1]);
  const client = await clientOf(offer(mesh), "legacy");

  expect((await client.listTools()).tools[0]?.outputSchema).toMatchObject({ type: "object" });
  expect(await client.callTool({ name: "list" })).toMatchObject({
    structuredContent: { result: [1] },
  });
});

test("texts, bytes, images and nothing are content", async () => {
  const mesh = new FakeMesh();
  const data = new Uint8Array([1, 2, 3]);
  const image = { type: "image", data, mimeType: "image/png" };
  const file = { type: "resource", resource: { uri: "file:///a", blob: data } };
  mesh.registerTool({ name: "text" }, () => "hello");
  mesh.registerTool({ name: "bytes" }, () => data);
  mesh.registerTool({ name: "image" }, () => ({ content: [image, file] }));
  mesh.registerTool({ name: "nothing" }, () => undefined);
  mesh.registerTool({ name: "alike" }, () => ({ content: [{ type: "video", data }] }));
  const client = await clientOf(offer(mesh));
  const call = async (name: string): Promise<unknown> => {
    const { content, structuredContent } = await client.callTool({ name });
    return { content, structuredContent };
  };

  expect(await call("text")).toEqual({ content: [{ type: "text", text: "hello" }] });
  expect(await call("bytes")).toMatchObject({ content: [{ resource: { blob: "AQID" } }] });
  expect(await call("image")).toEqual({
    content: [
      { type: "image", data: "AQID", mimeType: "image/png" },
      { type: "resource", resource: { uri: "file:///a", blob: "AQID" } },
    ],
  });
  expect(await call("nothing")).toEqual({ content: [] });
  expect(await call("alike")).toMatchObject({
    structuredContent: { content: [{ type: "video", data: "AQID" }] },
  });
});

test("what fails in the mesh is a result that says so, for the model, and its code", async () => {
  const mesh = new FakeMesh();
  const inputSchema = { type: "object", required: ["city"] };
  mesh.registerTool({ name: "weather", inputSchema }, () => {
    throw new Error("no satellite");
  });
  const client = await clientOf(offer(mesh));

  expect(await client.callTool({ name: "weather", arguments: {} })).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('"city"') }],
    _meta: { "net.mesh/code": "INVALID_ARGUMENT" },
  });
  expect(await client.callTool({ name: "weather", arguments: { city: "Rome" } })).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining("no satellite") }],
    _meta: { "net.mesh/code": "REMOTE_ERROR", "net.mesh/retryable": false },
  });
});

test("a tool nobody has is a protocol error, -32602", async () => {
  const client = await clientOf(offer(new FakeMesh()));
  await expect(client.callTool({ name: "no" })).rejects.toMatchObject({
    ...{ code: -32_602, message: expect.stringContaining("Unknown tool: no") },
  });
});

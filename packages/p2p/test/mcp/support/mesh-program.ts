// A mesh of one peer, offered on the standard streams.
import { meshMcpServer } from "../../../src/mcp/offer/options.ts";
import { FakeMesh } from "./fake-mesh.ts";

const mesh = new FakeMesh();
const outputSchema = { type: "object", properties: { greeting: { type: "string" } } };
mesh.registerTool<{ name: string }>({ name: "hello", outputSchema }, ({ name }) => ({
  greeting: `hello ${name}`,
}));
let seen = Promise.withResolvers<void>();
mesh.registerTool({ name: "go" }, () => seen.resolve());
mesh.registerTool({ name: "steps" }, async (_, { progress }) => {
  for (const step of [1, 2, 3]) {
    seen = Promise.withResolvers();
    progress(step);
    await seen.promise;
  }
});
meshMcpServer(mesh, { executor: mesh }).serveStdio();

// A mesh of one peer, offered on the standard streams.
import { meshMcpServer } from "../../../src/mcp/offer/options.ts";
import { FakeMesh } from "./fake-mesh.ts";

const mesh = new FakeMesh();
const outputSchema = { type: "object", properties: { greeting: { type: "string" } } };
mesh.registerTool<{ name: string }>({ name: "hello", outputSchema }, ({ name }) => ({
  greeting: `hello ${name}`,
}));
mesh.registerTool({ name: "steps" }, (_, { progress }) => {
  for (const step of [1, 2, 3]) progress(step);
});
meshMcpServer(mesh, { executor: mesh }).serveStdio();

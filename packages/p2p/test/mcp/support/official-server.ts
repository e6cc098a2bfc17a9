import { McpServer, type McpServerFactory } from "@modelcontextprotocol/server";
import { z } from "zod";

/** Hooks a test has into the official server. */
export interface OfficialHooks {
  readonly onCall?: (tool: string, signal: AbortSignal, meta: unknown) => void;
  readonly onServer?: (server: McpServer) => void;
}

/** A server of the official SDK with a tool of each kind. */
export function officialServer({ onCall, onServer }: OfficialHooks = {}): McpServerFactory {
  return () => {
    const server = new McpServer({ name: "official", version: "1" });
    const numbers = z.object({ a: z.number(), b: z.number() });
    const sum = z.object({ sum: z.number() });
    server.registerTool(
      "add",
      {
        ...{
          title: "Add",
          description: "Adds two numbers",
          inputSchema: numbers,
          outputSchema: sum,
        },
        annotations: { readOnlyHint: true, idempotentHint: true },
      },
      ({ a, b }, { mcpReq }) => {
        onCall?.("add", mcpReq.signal, mcpReq._meta);
        const structuredContent = { sum: a + b };
        return {
          structuredContent,
          content: [{ type: "text", text: JSON.stringify(structuredContent) }],
        };
      },
    );
    server.registerTool("lie", { outputSchema: sum }, () => ({
      ...{ structuredContent: { sum: "many" } as never, content: [] },
    }));
    server.registerTool("greet", { inputSchema: z.object({ name: z.string() }) }, ({ name }) => ({
      content: [{ type: "text", text: `hello ${name}` }],
    }));
    server.registerTool("draw", {}, () => ({
      content: [
        { type: "text", text: "a dot" },
        { type: "image", data: "AQID", mimeType: "image/png" },
      ],
    }));
    server.registerTool("chart", { outputSchema: sum }, () => ({
      structuredContent: { sum: 1 },
      content: [{ type: "image", data: "AQID", mimeType: "image/png" }],
    }));
    server.registerTool("nothing", {}, () => ({ content: [] }));
    server.registerTool("fail", {}, () => ({
      ...{ isError: true, content: [{ type: "text", text: "out of paper" }] },
    }));
    server.registerTool("slow", {}, async ({ mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken ?? 0;
      onCall?.("slow", mcpReq.signal, mcpReq._meta);
      for (const progress of [1, 2]) {
        const params = { progressToken, progress, total: 2, message: `step ${progress}` };
        await mcpReq.notify({ method: "notifications/progress", params });
      }
      return { content: [{ type: "text", text: "done" }] };
    });
    server.registerTool("forever", {}, ({ mcpReq }) => {
      onCall?.("forever", mcpReq.signal, mcpReq._meta);
      return new Promise(() => {});
    });
    onServer?.(server);
    return server;
  };
}

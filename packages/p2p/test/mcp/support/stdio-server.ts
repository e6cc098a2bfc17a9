// The official server as a program. It writes a line to its standard error, and ends when told to.
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";
import { officialServer } from "./official-server.ts";

console.error("up");
serveStdio(
  officialServer({
    onServer: (server) => {
      server.registerTool("die", { inputSchema: z.object({}) }, () => process.exit(1));
      server.registerTool("pid", {}, () => ({
        content: [{ type: "text", text: `${process.pid}` }],
      }));
    },
  }),
);

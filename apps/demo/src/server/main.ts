import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type NetworkServer } from "@net/server";
import { serve } from "../process/serve.ts";

/** What the server's process does for the coordinator. */
export type ServerMethods = {
  start(params: object): Promise<{ readonly url: string }>;
};

let server: NetworkServer | undefined;

/** The database lasts as long as this process, which ends with the coordinator even if that is killed. */
const folder = mkdtempSync(join(tmpdir(), "net-demo-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

serve<ServerMethods>({
  async start() {
    server ??= await createServer({ port: 0, database: join(folder, "server.sqlite") });
    return { url: server.url };
  },
});

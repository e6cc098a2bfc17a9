import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NetworkError } from "@net/core";
import { createServer, type NetworkServer } from "@net/server";
import { serve } from "../process/serve.ts";

/** What the server's process does for the coordinator. */
export type ServerMethods = {
  start(params: object): Promise<{ readonly url: string }>;
};

let server: NetworkServer | undefined;

serve<ServerMethods>({
  async start() {
    server ??= await createServer({ port: 0, database: join(ownFolder(), "server.sqlite") });
    return { url: server.url };
  },
});

/** A folder that lasts as long as this process, which ends with the coordinator even if that is killed. */
function ownFolder(): string {
  try {
    const folder = mkdtempSync(join(tmpdir(), "net-demo-"));
    process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
    return folder;
  } catch (cause) {
    const why = (cause as Error).message;
    const message = `cannot make a folder in ${tmpdir()} (${why}): set TMPDIR to one that can be written`;
    throw new NetworkError("INVALID_STATE", message, { cause });
  }
}

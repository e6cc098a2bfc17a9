import { createServer, type NetworkServer } from "@net/server";
import { serve } from "../process/serve.ts";

/** What the server's process does for the coordinator. */
export type ServerMethods = {
  start(params: { readonly database: string }): Promise<{ readonly url: string }>;
};

let server: NetworkServer | undefined;

serve<ServerMethods>({
  async start({ database }) {
    server ??= await createServer({ host: "127.0.0.1", port: 0, database });
    return { url: server.url };
  },
});

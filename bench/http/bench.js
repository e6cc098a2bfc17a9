// GET of a small JSON body over 50 kept-alive connections, memory left behind, and server-sent events. The server is
// another process: only the client counts.
import { memory } from "./memory.js";
import { requests } from "./requests.js";
import { startServer } from "./server.js";
import { events } from "./sse.js";

await using server = await startServer();
await requests(server.url);
await memory(server.url);
await events(server.url);

// A restart nobody notices: sessions beside an application's own pages are sent away a few at a time, and go on at the
// server that takes its place.
import { once } from "node:events";
import { createServer } from "node:http";
import { acceptSessions, memorySessionStore, session } from "@net/ws/session";
import { webSocketTransport } from "@net/ws/transport";

const store = memorySessionStore();
const transport = webSocketTransport();

async function start(): Promise<{ address: string; stop: () => Promise<void> }> {
  const http = createServer((_request, response) => response.end("a page"));
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const sessions = acceptSessions({ store, authenticate: ({ session: id }) => ({ session: id }) });
  const listener = transport.attach(http, "/sessions", sessions.accept);
  const stop = async (): Promise<void> => {
    await sessions.drain({ window: 200, onProgress: ({ left }) => console.log(`${left} left`) });
    await sessions.close();
    await listener.close();
    http.close();
  };
  return { address: listener.address, stop };
}

const old = await start();
let { address } = old;
const clients = ["laptop", "phone"].map((id) =>
  session({
    id,
    store: memorySessionStore(),
    redial: (signal) => transport.dial(address, { signal }),
  }),
);
await Promise.all(clients.map((each) => each.once("welcome")));

const next = await start();
({ address } = next);
const resumed = clients.map((each) => each.once("welcome"));
await old.stop();
for (const [welcome] of await Promise.all(resumed)) console.log(`resumed: ${welcome.resumed}`);

for (const each of clients) await each.close();
await next.stop();

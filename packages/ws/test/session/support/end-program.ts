// One end of a session in a process that may be killed at any moment: publishes its numbers from where it stopped, and
// applies what comes to its own table, in the transaction that commits the delivery.

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { sleep } from "@net/core";
import { acceptSessions, type Session, session } from "@net/ws/session";
import { sqliteSessionStore } from "@net/ws/sqlite";
import { webSocketTransport } from "@net/ws/transport";

const [role = "", folder = "", count = "0"] = process.argv.slice(2);
const messages = Number(count);
const width = 20;
const portFile = join(folder, "port");

const store = sqliteSessionStore({ database: join(folder, `${role}.db`) });
const { database } = store;
database.exec(
  "CREATE TABLE IF NOT EXISTS applied (body TEXT); CREATE TABLE IF NOT EXISTS published (n INTEGER)",
);

async function publishAll(publish: (n: number, id: string) => Promise<void>): Promise<void> {
  const { n: start } = database.prepare("SELECT coalesce(max(n), 0) AS n FROM published").get() as {
    n: number;
  };
  for (let next = start; next < messages; next += width) {
    const group = Array.from({ length: Math.min(width, messages - next) }, (_, i) => next + i);
    await Promise.all(group.map((n) => publish(n, `${role}-${n}`)));
    database.prepare("INSERT INTO published VALUES (?)").run(next + width);
    await sleep(5);
  }
}

const appliedCount = (): number =>
  Number(database.prepare("SELECT count(*) AS n FROM applied").get()?.n);

async function applyAll(each: Session<unknown, DatabaseSync>): Promise<void> {
  for await (const delivery of each.inbox()) {
    await delivery.commit((tx) => {
      tx.prepare("INSERT INTO applied VALUES (?)").run(JSON.stringify(delivery.body));
    });
  }
}

const transport = webSocketTransport();
let publishing: Promise<void>;
if (role === "server") {
  const server = acceptSessions<unknown, DatabaseSync>({
    store,
    authenticate: ({ session: name }) => ({ session: name }),
    onSession: (each) => void applyAll(each),
    ping: 100,
  });
  const listener = await transport.listen("ws://127.0.0.1:0", server.accept);
  // Whole or not at all: we may be killed in between.
  writeFileSync(`${portFile}.new`, new URL(listener.address).port);
  renameSync(`${portFile}.new`, portFile);
  publishing = publishAll((n, id) => server.publish("chaos", n, { id }));
} else {
  const client = session<unknown, DatabaseSync>({
    id: "chaos",
    store,
    redial: async (signal) => transport.dial(`ws://127.0.0.1:${portOf()}`, { signal }),
    connectTimeout: 1_000,
    ping: 100,
    reconnect: { min: 10, max: 50 },
  });
  void applyAll(client);
  publishing = publishAll((n, id) => client.publish(n, { id }));
}
process.stdout.write("ready\n");
await publishing;
while (appliedCount() < messages) await sleep(10);
process.stdout.write("done\n");

/** Port 1 until the server has said which: nobody listens there. */
function portOf(): string {
  try {
    return readFileSync(portFile, "utf8");
  } catch {
    return "1";
  }
}

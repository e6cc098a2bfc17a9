import { type JsonValue, seededRng, sleep } from "@net/core";
import { TcpProxy, turmoil } from "@net/core/testing";
import { tcpTransport } from "@net/sockets";
import { acceptSessions, memorySessionStore, type Session, session } from "@net/ws/session";
import { expect, test } from "vitest";

const MESSAGES = 3_000;
const AT_ONCE = 20;
const numbers = Array.from({ length: MESSAGES }, (_, i) => i);
const impatient = { ping: 50, reconnect: { min: 10, max: 50 } };

/** Publishes in groups and takes its time, so that it lasts for many troubles. */
async function publishAll(publish: (n: number) => Promise<void>): Promise<void> {
  for (let i = 0; i < MESSAGES; i += AT_ONCE) {
    await Promise.all(numbers.slice(i, i + AT_ONCE).map(publish));
    await sleep(10);
  }
}

async function applyAll(each: Session, into: JsonValue[]): Promise<void> {
  for await (const delivery of each.inbox()) {
    await delivery.commit(() => void into.push(delivery.body));
    if (into.length === MESSAGES) return;
  }
}

test("a session over framed TCP loses nothing and applies nothing twice, whatever happens to its links", {
  timeout: 30_000,
}, async () => {
  const transport = tcpTransport();
  const atServer: JsonValue[] = [];
  const atClient: JsonValue[] = [];
  await using server = acceptSessions({
    store: memorySessionStore(),
    authenticate: ({ session: name }) => ({ session: name }),
    onSession: (each) => void applyAll(each, atServer),
    ping: 50,
  });
  await using listener = await transport.listen("tcp://127.0.0.1:0", server.accept);
  await using proxy = await TcpProxy.start(Number(new URL(listener.address).port));
  let links = 0;
  await using client = session({
    id: "chaos",
    store: memorySessionStore(),
    redial: (signal) => {
      links++;
      return transport.dial(`tcp://127.0.0.1:${proxy.port}`, { signal });
    },
    connectTimeout: 300,
    ...impatient,
  });
  {
    using _turmoil = turmoil(proxy, seededRng(5));
    await Promise.all([
      publishAll((n) => client.publish(n)),
      publishAll((n) => server.publish("chaos", n)),
      applyAll(client, atClient),
    ]);
  }
  expect(atServer).toEqual(numbers);
  expect(atClient).toEqual(numbers);
  expect(links).toBeGreaterThan(5);
});

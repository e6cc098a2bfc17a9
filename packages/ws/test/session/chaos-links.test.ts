import { type JsonValue, seededRng, sleep } from "@net/core";
import { TcpProxy, turmoil } from "@net/core/testing";
import { acceptSessions, memorySessionStore, type Session, session } from "@net/ws/session";
import { webSocketTransport } from "@net/ws/transport";
import { expect, test } from "vitest";

const MESSAGES = 3_000;
const numbers = Array.from({ length: MESSAGES }, (_, i) => i);
const impatient = { ping: 50, reconnect: { min: 10, max: 50 } };

/** Publishes in groups and takes its time, so that it lasts for many troubles. */
async function publishAll(publish: (n: number) => Promise<void>): Promise<void> {
  const width = 10;
  for (let i = 0; i < MESSAGES; i += width) {
    await Promise.all(numbers.slice(i, i + width).map(publish));
    await sleep(10);
  }
}

/** Processes what comes, once per message, until all have come. */
async function process(each: Session, into: JsonValue[]): Promise<void> {
  for await (const delivery of each.inbox()) {
    await delivery.commit(() => void into.push(delivery.body));
    if (into.length === MESSAGES) return;
  }
}

test("3,000 messages each way over a link in turmoil: none is lost, none applied twice, all in order", {
  timeout: 30_000,
}, async () => {
  const transport = webSocketTransport();
  const atServer: JsonValue[] = [];
  const atClient: JsonValue[] = [];
  await using server = acceptSessions({
    store: memorySessionStore(),
    authenticate: ({ session: name }) => ({ session: name }),
    onSession: (each) => void process(each, atServer),
    ping: 50,
  });
  await using listener = await transport.listen("ws://127.0.0.1:0", server.accept);
  await using proxy = await TcpProxy.start(Number(new URL(listener.address).port));
  let links = 0;
  await using client = session({
    id: "chaos",
    store: memorySessionStore(),
    redial: (signal) => {
      links++;
      return transport.dial(`ws://127.0.0.1:${proxy.port}`, { signal });
    },
    connectTimeout: 300,
    ...impatient,
  });
  {
    using _turmoil = turmoil(proxy, seededRng(7));
    await Promise.all([
      publishAll((n) => client.publish(n)),
      publishAll((n) => server.publish("chaos", n)),
      process(client, atClient),
    ]);
  }
  expect(atServer).toEqual(numbers);
  expect(atClient).toEqual(numbers);
  expect(links).toBeGreaterThan(10);
});

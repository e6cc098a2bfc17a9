import { type Acceptor, type Dialer, type JsonValue, type Rng, sleep } from "@net/core";
import { TcpProxy, turmoil } from "@net/core/testing";
import { session } from "../session/client/client-session.ts";
import { acceptSessions } from "../session/server/accept-sessions.ts";
import type { Session } from "../session/session.ts";
import { memorySessionStore } from "../session/store/memory.ts";

/** So many leave at once, and then a pause, so that an exchange lasts for many troubles. */
const AT_ONCE = 10;
const PAUSE_MS = 10;
const NAME = "exchange";

export interface TurmoilOptions {
  /** Links over TCP. */
  readonly transport: Dialer & Acceptor;
  /** The scheme of its addresses, before `://127.0.0.1:<port>`. */
  readonly scheme: string;
  /** Numbers 0, 1, 2 … sent each way. */
  readonly messages: number;
  readonly rng: Rng;
}

/** What came out of an exchange. */
export interface TurmoilReport {
  /** What each end has applied, in its order. */
  readonly atServer: readonly JsonValue[];
  readonly atClient: readonly JsonValue[];
  /** How many links it took. */
  readonly links: number;
}

/**
 * Sends numbered messages each way through a session whose links are cut, frozen, delayed and truncated all the time, and
 * resolves when all have been applied: with a transport that keeps its promises, each once and in order.
 *
 * @example
 * ```ts
 * const { atServer } = await exchangeInTurmoil({ transport, scheme: "tcp", messages: 3_000, rng: seededRng(7) });
 * ```
 */
export async function exchangeInTurmoil(options: TurmoilOptions): Promise<TurmoilReport> {
  const { transport, scheme, messages, rng } = options;
  const atServer: JsonValue[] = [];
  const atClient: JsonValue[] = [];
  await using server = acceptSessions({
    store: memorySessionStore(),
    authenticate: ({ session: name }) => ({ session: name }),
    onSession: (each) => void applyAll(each, atServer, messages),
    ping: 50,
  });
  await using listener = await transport.listen(`${scheme}://127.0.0.1:0`, server.accept);
  await using proxy = await TcpProxy.start(Number(new URL(listener.address).port));
  let links = 0;
  await using client = session({
    id: NAME,
    store: memorySessionStore(),
    redial: (signal) => {
      links++;
      return transport.dial(`${scheme}://127.0.0.1:${proxy.port}`, { signal });
    },
    connectTimeout: 300,
    ping: 50,
    reconnect: { min: 10, max: 50 },
  });
  using _turmoil = turmoil(proxy, rng);
  await Promise.all([
    publishAll(messages, (n) => client.publish(n)),
    publishAll(messages, (n) => server.publish(NAME, n)),
    applyAll(client, atClient, messages),
  ]);
  return { atServer, atClient, links };
}

async function publishAll(count: number, publish: (n: number) => Promise<void>): Promise<void> {
  for (let first = 0; first < count; first += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, i) => first + i);
    await Promise.all(some.map(publish));
    await sleep(PAUSE_MS);
  }
}

async function applyAll(each: Session, into: JsonValue[], count: number): Promise<void> {
  for await (const delivery of each.inbox()) {
    await delivery.commit(() => void into.push(delivery.body));
    if (into.length === count) return;
  }
}

import { type JsonValue, type MemoryTransport, memoryTransport, seededRng } from "@net/core";
import { FakeClock } from "@net/core/testing";
import {
  type AcceptSessionsOptions,
  acceptSessions,
  memorySessionStore,
  type Session,
  type SessionOptions,
  type SessionServer,
  type SessionStore,
  session,
} from "@net/ws/session";
import { onTestFinished } from "vitest";

export interface World {
  readonly clock: FakeClock;
  readonly network: MemoryTransport;
  readonly server: SessionServer<JsonValue, unknown>;
  /** Every session the server has had, by link. */
  readonly accepted: Session[];
  /** A client on that host; default `laptop`. */
  client(options?: Partial<SessionOptions<JsonValue, unknown>>, host?: string): Session;
}

export const memory = (): SessionStore<unknown> => memorySessionStore() as SessionStore<unknown>;

/** A server and its clients on a memory network and a fake clock, closed with the test. */
export async function world(
  options: Partial<AcceptSessionsOptions<JsonValue, unknown>> = {},
): Promise<World> {
  const clock = new FakeClock();
  const network = memoryTransport({ clock });
  const accepted: Session[] = [];
  const server = acceptSessions<JsonValue, unknown>({
    store: memory(),
    authenticate: ({ session }) => ({ session }),
    clock,
    rng: seededRng(1),
    ...options,
    onSession: (each) => {
      accepted.push(each);
      options.onSession?.(each);
    },
  });
  await network.listen("memory:server", server.accept);
  const clients: Session[] = [];
  onTestFinished(async () => {
    for (const each of clients) await each.close();
    await server.close();
  });
  return {
    clock,
    network,
    server,
    accepted,
    client: (clientOptions, host = "laptop") => {
      const made = session<JsonValue, unknown>({
        id: "laptop",
        store: memory(),
        redial: (signal) => network.at(host).dial("memory:server", { signal }),
        clock,
        rng: seededRng(2),
        ...clientOptions,
      });
      clients.push(made);
      return made;
    },
  };
}

/** Takes so many deliveries and acknowledges each. */
export async function take(from: Session, count: number): Promise<JsonValue[]> {
  const bodies: JsonValue[] = [];
  for await (const delivery of from.inbox()) {
    bodies.push(delivery.body);
    await delivery.ack();
    if (bodies.length === count) break;
  }
  return bodies;
}

/** The one that must be there. */
export function first<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error("there is none");
  return item;
}

import { type JsonValue, type Listener, memoryTransport, type Rng, seededRng } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { acceptSessions, type Session, type SessionServer, session } from "@net/ws/session";
import { expect, test } from "vitest";
import { memory } from "./support/pair.ts";

const MESSAGES = 150;

/** Both ends of a session on a network that fails as the dice have it, each with a store that outlives its process. */
class Simulation {
  readonly clock = new FakeClock();
  readonly network = memoryTransport({ clock: this.clock });
  readonly rng: Rng;
  readonly applied = { server: [] as JsonValue[], client: [] as JsonValue[] };
  /** What was handed out, and whether it said that it may have been before. */
  readonly unflagged: string[] = [];
  readonly #seen = new Set<string>();
  readonly #stores = { server: memory(), client: memory() };
  #server: SessionServer<JsonValue, unknown> | undefined;
  #listener: Listener | undefined;
  #client: Session<JsonValue, unknown> | undefined;
  #epoch = 0;

  constructor(seed: number) {
    this.rng = seededRng(seed);
  }

  async startServer(): Promise<void> {
    const { clock, rng } = this;
    const ping = 500;
    this.#server = acceptSessions<JsonValue, unknown>({
      store: this.#stores.server,
      authenticate: ({ session: name }) => ({ session: name }),
      onSession: (each) => void this.#apply(each, "server"),
      window: { messages: 8 },
      clock,
      rng,
      ping,
    });
    this.#listener = await this.network.listen("memory:server", this.#server.accept);
  }

  startClient(): void {
    const { clock, rng } = this;
    this.#client = session<JsonValue, unknown>({
      id: "laptop",
      store: this.#stores.client,
      redial: (signal) => this.network.at("laptop").dial("memory:server", { signal }),
      reconnect: { min: 50, max: 500 },
      connectTimeout: 2_000,
      window: { messages: 8 },
      ping: 500,
      clock,
      rng,
    });
    void this.#apply(this.#client, "client").catch(() => {});
  }

  publish(n: number): void {
    // Who waits is not the point here: a restart rejects it, and the message goes on.
    this.#server?.publish("laptop", n, { id: `s${n}` }).catch(() => {});
    this.#client?.publish(n, { id: `c${n}` }).catch(() => {});
  }

  async restartServer(): Promise<void> {
    await this.#listener?.close();
    void this.#server?.close();
    await this.clock.advance(1);
    await this.startServer();
  }

  async restartClient(): Promise<void> {
    void this.#client?.close();
    await this.clock.advance(1);
    this.startClient();
  }

  /** Something goes wrong, or is mended. */
  async trouble(): Promise<void> {
    const { faults } = this.network;
    const troubles = [
      async () => faults.loseLinks("server"),
      async () => faults.freeze(this.rng.next() < 0.5 ? "server" : "laptop"),
      async () => faults.partition(["server"], ["laptop"]),
      async () => faults.delay(Math.floor(this.rng.next() * 200)),
      async () => this.restartServer(),
      async () => this.restartClient(),
      async () => this.mend(),
      async () => this.mend(),
    ];
    await troubles[Math.floor(this.rng.next() * troubles.length)]?.();
  }

  mend(): void {
    const { faults } = this.network;
    faults.thaw("server");
    faults.thaw("laptop");
    faults.heal();
    faults.delay(0);
  }

  async end(): Promise<void> {
    void this.#client?.close();
    void this.#server?.close();
    await this.clock.advance(10_000);
  }

  async #apply(each: Session<JsonValue, unknown>, where: "server" | "client"): Promise<void> {
    const epoch = ++this.#epoch;
    for await (const delivery of each.inbox()) {
      const key = `${where} ${delivery.id}`;
      if (this.#seen.has(key) && !delivery.redelivered) this.unflagged.push(`${key} in ${epoch}`);
      this.#seen.add(key);
      await Promise.resolve();
      await delivery.commit(() => void this.applied[where].push(delivery.body)).catch(() => false);
    }
  }
}

test.each(Array.from({ length: 25 }, (_, seed) => seed))(
  "links and processes die as the dice %i have it: none is lost, none applied twice, all in order",
  async (seed) => {
    const simulation = new Simulation(seed);
    await simulation.startServer();
    simulation.startClient();
    for (let n = 0; n < MESSAGES; n++) {
      simulation.publish(n);
      if (n % 5 === 4) await simulation.trouble();
      await simulation.clock.advance(Math.floor(simulation.rng.next() * 300));
    }
    simulation.mend();
    await simulation.clock.advance(60_000);
    await simulation.end();

    const numbers = Array.from({ length: MESSAGES }, (_, i) => i);
    expect(simulation.applied.server).toEqual(numbers);
    expect(simulation.applied.client).toEqual(numbers);
    expect(simulation.unflagged).toEqual([]);
    expect(simulation.clock.pending).toBe(0);
  },
);

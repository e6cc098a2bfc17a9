import {
  type JsonValue,
  type Listener,
  memoryTransport,
  type Rng,
  seededRng,
  sleep,
} from "@net/core";
import { FakeClock } from "@net/core/testing";
import { acceptSessions, type Session, session } from "@net/ws/session";
import { expect, test } from "vitest";
import { MortalStore } from "./support/mortal-store.ts";
import { memory } from "./support/pair.ts";

const MESSAGES = 150;

/** Both ends of a session on a network that fails as the dice have it, each with a store that outlives its process. */
class Simulation {
  readonly clock = new FakeClock();
  readonly network = memoryTransport({ clock: this.clock });
  readonly rng: Rng;
  readonly applied = { server: [] as JsonValue[], laptop: [] as JsonValue[] };
  /** What was handed out again without saying so. */
  readonly unflagged: string[] = [];
  handedOutAgain = 0;
  readonly #seen = new Set<string>();
  readonly #kept = { server: memory(), laptop: memory() };
  #server: { kill(): void; publish(n: number): Promise<void> } | undefined;
  #client: { kill(): void; publish(n: number): Promise<void> } | undefined;
  #listener: Listener | undefined;

  constructor(seed: number) {
    this.rng = seededRng(seed);
  }

  async startServer(): Promise<void> {
    const { clock, rng } = this;
    const process = new MortalStore(this.#kept.server, clock, rng);
    const server = acceptSessions<JsonValue, unknown>({
      store: process.store,
      authenticate: ({ session: name }) => ({ session: name }),
      onSession: (each) => void this.#apply(each, "server"),
      window: { messages: 8 },
      ping: 500,
      clock,
      rng,
    });
    this.#listener = await this.network.listen("memory:server", server.accept);
    this.#server = {
      kill: () => {
        process.kill();
        void server.close();
      },
      publish: (n) => server.publish("laptop", n, { id: `s${n}` }),
    };
  }

  startClient(): void {
    const { clock, rng } = this;
    const process = new MortalStore(this.#kept.laptop, clock, rng);
    const client = session<JsonValue, unknown>({
      id: "laptop",
      store: process.store,
      redial: (signal) => this.network.at("laptop").dial("memory:server", { signal }),
      reconnect: { min: 50, max: 500 },
      connectTimeout: 2_000,
      window: { messages: 8 },
      ping: 500,
      clock,
      rng,
    });
    void this.#apply(client, "laptop");
    this.#client = {
      kill: () => {
        process.kill();
        void client.close();
      },
      publish: (n) => client.publish(n, { id: `c${n}` }),
    };
  }

  /** Resolves when both stores have it; who waits for more is rejected when his process is killed. */
  async publish(n: number): Promise<void> {
    this.#server?.publish(n).catch(() => {});
    this.#client?.publish(n).catch(() => {});
    await this.clock.advance(25);
  }

  /** Something goes wrong, or is mended. */
  async trouble(): Promise<void> {
    const { faults } = this.network;
    const troubles = [
      async () => faults.loseLinks("server"),
      async () => faults.freeze(this.rng.next() < 0.5 ? "server" : "laptop"),
      async () => faults.partition(["server"], ["laptop"]),
      async () => faults.delay(Math.floor(this.rng.next() * 200)),
      async () => this.#killServer(),
      async () => this.#killClient(),
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
    this.#client?.kill();
    this.#server?.kill();
    await this.clock.advance(10_000);
  }

  async #killServer(): Promise<void> {
    await this.#listener?.close();
    this.#server?.kill();
    this.network.faults.loseLinks("server");
    await this.startServer();
  }

  #killClient(): void {
    this.#client?.kill();
    this.network.faults.loseLinks("laptop");
    this.startClient();
  }

  /** Takes its time with each, and leaves one in four loops in the middle. */
  async #apply(each: Session<JsonValue, unknown>, where: "server" | "laptop"): Promise<void> {
    while (each.state !== "closed") {
      for await (const delivery of each.inbox()) {
        this.#note(`${where} ${delivery.id}`, delivery.redelivered);
        await sleep(Math.floor(this.rng.next() * 40), { clock: this.clock });
        if (this.rng.next() < 0.25) break;
        await delivery.commit(() => void this.applied[where].push(delivery.body)).catch(() => {});
      }
      // A process that was killed never finds its session closed, and comes by here until the end.
      await sleep(20, { clock: this.clock });
    }
  }

  #note(key: string, isFlagged: boolean): void {
    if (!this.#seen.has(key)) {
      this.#seen.add(key);
      return;
    }
    this.handedOutAgain++;
    if (!isFlagged) this.unflagged.push(key);
  }
}

test.each(Array.from({ length: 4 }, (_, seed) => seed))(
  "links and processes die as the dice %i have it: none is lost, none applied twice, all in order",
  async (seed) => {
    const simulation = new Simulation(seed);
    await simulation.startServer();
    simulation.startClient();
    for (let n = 0; n < MESSAGES; n++) {
      await simulation.publish(n);
      if (n % 5 === 4) await simulation.trouble();
      await simulation.clock.advance(Math.floor(simulation.rng.next() * 300));
    }
    simulation.mend();
    await simulation.clock.advance(60_000);
    await simulation.end();

    const numbers = Array.from({ length: MESSAGES }, (_, i) => i);
    expect(simulation.applied.server).toEqual(numbers);
    expect(simulation.applied.laptop).toEqual(numbers);
    expect(simulation.unflagged).toEqual([]);
    expect(simulation.handedOutAgain).toBeGreaterThan(10);
  },
);

import { type Listener, memoryTransport, type Rng, seededRng } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { acceptSessions, memorySessionStore, session } from "@net/ws/session";
import { memory } from "./pair.ts";

/** A ping in five minutes: how clients come back is the question here. */
const PING_MS = 300_000;
const BIN_MS = 100;
/** Long enough that the delays of a lost link start anew. */
const CALM_MS = 10_000;
const LONGEST_MS = 300_000;
const JOINS_PER_STEP = 20;
const JOIN_STEP_MS = 20;

export interface HerdOptions {
  readonly clients: number;
  readonly seed: number;
  /** How long nobody listens; one after the other, with a calm time in between. */
  readonly outagesMs: readonly number[];
  /** What the server is told; default its own. */
  readonly spread?: number | undefined;
}

/** How a herd came back, from the moment the server was there again. */
export interface HerdReport {
  readonly backAgain: number;
  /** The share of the clients that came in the worst 100 ms. */
  readonly worstShare: number;
  /** The share that tried in the worst 100 ms, also while nobody listened. */
  readonly worstTriesShare: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly allMs: number;
}

/** Real sessions on a memory network, whose server dies and comes back: says how they do, for each outage. */
export async function herd(options: HerdOptions): Promise<HerdReport[]> {
  const simulation = new Herd(options);
  await simulation.gather();
  const reports: HerdReport[] = [];
  for (const outageMs of options.outagesMs) reports.push(await simulation.strike(outageMs));
  return reports;
}

class Herd {
  readonly #options: HerdOptions;
  readonly #clock = new FakeClock();
  readonly #network = memoryTransport({ clock: this.#clock });
  readonly #store = memorySessionStore();
  readonly #rng: Rng;
  #listener: Listener | undefined;
  #backMs: number[] = [];
  #triesMs: number[] = [];

  constructor(options: HerdOptions) {
    this.#options = options;
    this.#rng = seededRng(options.seed);
  }

  /** One after the other, so that the first are told what a server with few sessions says. */
  async gather(): Promise<void> {
    await this.#start();
    for (let i = 0; i < this.#options.clients; i++) {
      this.#join(`host${i}`);
      if (i % JOINS_PER_STEP === 0) await this.#clock.advance(JOIN_STEP_MS);
    }
    await this.#clock.advance(CALM_MS);
  }

  /** The server dies without a word, and is there again after so long. */
  async strike(outageMs: number): Promise<HerdReport> {
    const { clients } = this.#options;
    const clock = this.#clock;
    this.#backMs = [];
    this.#triesMs = [];
    await this.#listener?.close();
    this.#network.faults.loseLinks("server");
    await clock.advance(outageMs);
    const upMs = clock.monotonicMs();
    await this.#start();
    while (this.#backMs.length < clients && clock.monotonicMs() < upMs + LONGEST_MS) {
      await clock.advance(1_000);
    }
    const afterMs = this.#backMs.map((atMs) => atMs - upMs);
    await clock.advance(CALM_MS);
    return report(afterMs, this.#triesMs, clients);
  }

  async #start(): Promise<void> {
    const { clients, spread } = this.#options;
    const server = acceptSessions({
      store: this.#store,
      authenticate: ({ session: name }) => ({ session: name }),
      maxSessions: clients,
      maxVisitors: clients,
      ping: PING_MS,
      spread,
      clock: this.#clock,
      rng: this.#rng,
    });
    this.#listener = await this.#network.listen("memory:server", server.accept);
  }

  #join(name: string): void {
    const host = this.#network.at(name);
    const each = session<unknown, unknown>({
      id: name,
      store: memory(),
      redial: (signal) => {
        this.#triesMs.push(this.#clock.monotonicMs());
        return host.dial("memory:server", { signal });
      },
      ping: PING_MS,
      clock: this.#clock,
      rng: this.#rng,
    });
    each.on("welcome", () => this.#backMs.push(this.#clock.monotonicMs()));
  }
}

function report(backMs: number[], triesMs: number[], clients: number): HerdReport {
  const sorted = backMs.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
  return {
    backAgain: sorted.length,
    worstShare: worstBin(sorted) / clients,
    worstTriesShare: worstBin(triesMs) / clients,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    allMs: at(1),
  };
}

/** The most that fall into any 100 ms, wherever they begin. */
function worstBin(timesMs: readonly number[]): number {
  let start = 0;
  let worst = 0;
  for (const [end, atMs] of timesMs.entries()) {
    while (atMs - (timesMs[start] as number) >= BIN_MS) start++;
    worst = Math.max(worst, end - start + 1);
  }
  return worst;
}

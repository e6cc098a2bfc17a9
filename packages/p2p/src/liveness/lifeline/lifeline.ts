import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { type Clock, ConnectionError, type Timer } from "@net/core";
import { KEY_BYTES, keyOf, TICKET_BYTES } from "./datagram.ts";
import type { FromLifeline, LifelineTask } from "./worker-messages.ts";

/** How often the main thread shows that it runs, in ms. */
const TICK = 250;

/** What a neighbour needs in order to ask, for it alone: goes to it over the secured link. */
export interface LifelineTicket {
  /** UDP, at the host of the link. */
  readonly port: number;
  /** 16 bytes: shown with every question. */
  readonly ticket: Uint8Array;
  /** 32 bytes: never shown. */
  readonly key: Uint8Array;
}

export interface LifelineOptions {
  /** Where to listen: an address of this machine, as the peer itself. */
  readonly host: string;
  readonly clock: Clock;
}

/**
 * Says "alive" for this process while its main thread is blocked: a worker thread with a UDP socket, which knows when the
 * main thread last ticked. It answers those who were given a ticket, and nobody else. It does not keep the process alive.
 *
 * @example
 * ```ts
 * await using lifeline = await Lifeline.start({ host: "127.0.0.1", clock: systemClock });
 * neighbour.send(lifeline.ticket());
 * ```
 */
export class Lifeline implements AsyncDisposable {
  /** UDP. */
  readonly port: number;
  readonly #secret: Uint8Array;
  readonly #worker: Worker;
  readonly #ticking: Timer;

  private constructor(port: number, secret: Uint8Array, worker: Worker, ticking: Timer) {
    this.port = port;
    this.#secret = secret;
    this.#worker = worker;
    this.#ticking = ticking;
  }

  /** @throws ConnectionError if it cannot listen there. */
  static async start({ host, clock }: LifelineOptions): Promise<Lifeline> {
    const secret = randomBytes(KEY_BYTES);
    const ticked = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
    const tick = (): void => {
      Atomics.store(new BigInt64Array(ticked), 0, process.hrtime.bigint());
    };
    tick();
    const worker = startWorker({ host, secret, ticked });
    try {
      const port = await listening(worker, host);
      worker.unref();
      const ticking = clock.setInterval(tick, TICK, { background: true });
      return new Lifeline(port, secret, worker, ticking);
    } catch (error) {
      await worker.terminate();
      throw error;
    }
  }

  /** A new ticket: for one neighbour, so that no other can speak in the lifeline's name to it. */
  ticket(): LifelineTicket {
    const ticket = randomBytes(TICKET_BYTES);
    return { port: this.port, ticket, key: keyOf(this.#secret, ticket) };
  }

  /** Resolves when the thread has ended. Closing twice is fine. */
  async close(): Promise<void> {
    this.#ticking.cancel();
    await this.#worker.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** From source the thread runs the file as it stands. */
const fromSource: boolean = import.meta.url.endsWith(".ts");
const entry: URL = new URL(fromSource ? "./worker.ts" : "./worker.js", import.meta.url);
/** All that it keeps is a socket, in MB. */
const limits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 };

function startWorker(task: LifelineTask): Worker {
  // The process's own flags are not for it: `--input-type`, for one, would stop it.
  const worker = new Worker(entry, { workerData: task, execArgv: [], resourceLimits: limits });
  // A lifeline that broke answers no more, which is all that others need to know; nobody here waits for it.
  worker.on("error", () => {});
  return worker;
}

async function listening(worker: Worker, host: string): Promise<number> {
  const ended = new AbortController();
  worker.once("exit", () => ended.abort());
  const said = await once(worker, "message", { signal: ended.signal }).catch((error: unknown) => {
    throw cannotListen(host, "its thread ended", error);
  });
  const message = said[0] as FromLifeline;
  if (message.type === "listening") return message.port;
  throw cannotListen(host, `${message.message} ${message.code}`.trim(), undefined);
}

function cannotListen(host: string, why: string, cause: unknown): ConnectionError {
  return new ConnectionError(`the lifeline cannot listen at ${host}: ${why}`, {
    code: "CONNECTION_FAILED",
    phase: "listen",
    ...(cause !== undefined && { cause }),
  });
}

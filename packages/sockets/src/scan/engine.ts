import { AsyncQueue, type Clock, type NetworkError, type Timer, toNetworkError } from "@net/core";
import { readBanner } from "./banner.ts";
import type { ScanSettings } from "./options.ts";
import { type Answer, noResponse, type Outcome, Probe, type Question } from "./probe.ts";
import { Questions } from "./questions.ts";
import type { Banner, PortResult } from "./result.ts";
import { Patience } from "./rtt.ts";
import { serviceName } from "./services.ts";
import type { Target } from "./targets.ts";
import { Rate, Window } from "./window.ts";

/** How often attempts are checked for being over time, in ms: one timer for all of them. */
const SWEEP = 10;
/** With so many results unread, nothing new is asked. */
const MAX_UNREAD = 1024;
/** How long this machine may be unable to ask anything at all before the scan fails, in ms. */
const MAX_TROUBLE = 10_000;

/**
 * Asks ports, as many at a time as its window allows, and hands out what it learns. Start it once; it ends by itself
 * when every port is known, or when it is stopped.
 */
export class ScanEngine {
  readonly #settings: ScanSettings;
  readonly #clock: Clock;
  readonly #questions: Questions;
  readonly #results = new AsyncQueue<PortResult>({ capacity: Number.POSITIVE_INFINITY });
  readonly #probes = new Set<Probe>();
  /** Open ports whose banner is being read. */
  readonly #talking = new Set<Probe>();
  readonly #patience: Patience;
  readonly #window: Window;
  readonly #rate: Rate;
  #sweeping: Timer | undefined;
  #pausing: Timer | undefined;
  #answeredMs: number;

  constructor(
    targets: readonly Target[],
    ports: readonly number[],
    settings: ScanSettings,
    clock: Clock,
  ) {
    this.#settings = settings;
    this.#clock = clock;
    this.#questions = new Questions(targets, ports);
    this.#patience = new Patience(settings.timeout);
    this.#window = new Window(settings.concurrency);
    this.#rate = new Rate(settings.rate);
    this.#answeredMs = clock.monotonicMs();
  }

  start(): void {
    this.#sweeping = this.#clock.setInterval(() => this.#sweepSoon(), SWEEP);
    this.#pump();
  }

  /** The next result; undefined at the end. @throws what it was stopped with. */
  async take(): Promise<PortResult | undefined> {
    const result = await this.#results.take();
    if (this.#results.size === 0) this.#pump();
    return result;
  }

  /** Results that can be taken at once. */
  get waiting(): number {
    return this.#results.size;
  }

  /** Ends it and every attempt under way; stopping twice is once. */
  stop(error?: NetworkError): void {
    this.#results.end(error);
    this.#sweeping?.cancel();
    this.#pausing?.cancel();
    for (const probe of this.#probes) probe.cancel();
    // Whoever reads a banner hears that the socket closes, and waits no longer.
    for (const { socket } of this.#talking) socket.destroy();
    this.#probes.clear();
    this.#talking.clear();
  }

  #pump(): void {
    this.#pausing?.cancel();
    while (!this.#results.ended && this.#mayAsk()) {
      const question = this.#questions.next();
      if (!question) break;
      this.#ask(question);
    }
    if (this.#questions.isEmpty && this.#inFlight === 0) this.stop();
  }

  get #inFlight(): number {
    return this.#probes.size + this.#talking.size;
  }

  #mayAsk(): boolean {
    if (this.#inFlight >= this.#window.size || this.#results.size >= MAX_UNREAD) return false;
    const nowMs = this.#clock.monotonicMs();
    const pauseMs = Math.max(this.#window.pauseMs(nowMs), this.#rate.pauseMs(nowMs));
    if (pauseMs > 0) this.#pausing = this.#clock.setTimeout(() => this.#pump(), pauseMs);
    return pauseMs === 0;
  }

  #ask(question: Question): void {
    const nowMs = this.#clock.monotonicMs();
    this.#rate.take(nowMs);
    const probe = new Probe(question, nowMs, (each, outcome) => this.#learn(each, outcome));
    this.#probes.add(probe);
  }

  #learn(probe: Probe, outcome: Outcome): void {
    if (!this.#probes.delete(probe)) return;
    if ("trouble" in outcome) this.#couldNotAsk(probe, outcome.trouble);
    else if (outcome.state === "filtered") this.#filtered(probe, outcome);
    else this.#answered(probe, outcome);
    this.#pump();
  }

  /** This machine's trouble: slow down, and ask again later. */
  #couldNotAsk(probe: Probe, cause: Error): void {
    probe.cancel();
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#answeredMs > MAX_TROUBLE) {
      const { host } = probe.question.target;
      this.stop(toNetworkError(cause, { doing: "scan", address: host }));
      return;
    }
    this.#window.shrink(nowMs, this.#inFlight + 1);
    this.#questions.postpone(probe.question);
  }

  #filtered(probe: Probe, outcome: Answer): void {
    const { question } = probe;
    probe.cancel();
    this.#answeredMs = this.#clock.monotonicMs();
    if (outcome.reason === "no-response" && question.asked < this.#settings.retries) {
      this.#questions.postpone({ ...question, asked: question.asked + 1 });
    } else {
      this.#report(probe, outcome, undefined);
    }
  }

  #answered(probe: Probe, outcome: Answer): void {
    const nowMs = this.#clock.monotonicMs();
    const rttMs = nowMs - probe.startedMs;
    this.#answeredMs = nowMs;
    this.#window.grow();
    this.#patience.learn(probe.question.target.address, rttMs);
    if (outcome.state === "open" && this.#settings.banner) {
      void this.#listenTo(probe, outcome, rttMs);
      return;
    }
    probe.cancel();
    this.#report(probe, outcome, rttMs);
  }

  async #listenTo(probe: Probe, outcome: Answer, rttMs: number): Promise<void> {
    const { socket, question } = probe;
    this.#talking.add(probe);
    socket.on("error", () => {}); // A service that hangs up has said nothing more.
    const banner = await readBanner(socket, {
      host: question.target.host,
      port: question.port,
      timeout: this.#settings.bannerTimeout,
      clock: this.#clock,
    }).catch(() => undefined); // What is not understood is no banner.
    if (!this.#talking.delete(probe)) return;
    this.#report(probe, outcome, rttMs, banner);
    this.#pump();
  }

  #report(
    { question: { target, port } }: Probe,
    { state, reason }: Answer,
    rttMs: number | undefined,
    banner?: Banner | undefined,
  ): void {
    const { host, address } = target;
    const service = serviceName(port);
    this.#results.push({ host, address, port, state, reason, rttMs, service, banner });
  }

  /** Answers that have arrived already are read first: a busy moment here must not make them late. */
  #sweepSoon(): void {
    setImmediate(() => this.#sweep());
  }

  #sweep(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const probe of this.#probes) {
      const { target, asked } = probe.question;
      const waitedMs = nowMs - probe.startedMs;
      if (waitedMs >= this.#patience.timeoutMs(target.address, asked)) {
        this.#learn(probe, noResponse);
      }
    }
  }
}

import { type AbortScope, type CircuitPermit, type NetworkError, OverloadedError } from "@net/core";
import type { ToolCandidate } from "@net/routing";
import type { Outcome } from "../tools/outcome.ts";
import type { Bulkhead } from "./bulkhead.ts";
import { type Circuits, report, resting } from "./circuits.ts";
import type { PeerChoice, Wanted } from "./peer-choice.ts";
import type { Task } from "./task.ts";

/** Leave to ask one peer once. */
export class Seat {
  readonly peer: ToolCandidate;
  readonly #bulkhead: Bulkhead;
  readonly #permit: CircuitPermit | undefined;

  /** @param permit undefined for this process, which has neither a circuit nor a number of places. */
  constructor(peer: ToolCandidate, bulkhead: Bulkhead, permit: CircuitPermit | undefined) {
    this.peer = peer;
    this.#bulkhead = bulkhead;
    this.#permit = permit;
  }

  /** Says how it went, and gives the place back. */
  leave(outcome: Outcome): void {
    if (!this.#permit) return;
    report(this.#permit, outcome);
    this.#bulkhead.leave(this.peer.peerId);
  }
}

/** A place, or why there is none; a promise of it, if it must be waited for. */
export type TakenSeat = Seat | NetworkError | Promise<Seat | NetworkError>;

export interface SeatRequest extends Wanted {
  /** Whether to wait while everybody is full. */
  readonly wait: boolean;
  readonly scope: AbortScope;
}

/** Gives out places at peers. */
export class Seats {
  readonly #choice: PeerChoice;
  readonly #bulkhead: Bulkhead;
  readonly #circuits: Circuits;

  constructor(choice: PeerChoice, bulkhead: Bulkhead, circuits: Circuits) {
    this.#choice = choice;
    this.#bulkhead = bulkhead;
    this.#circuits = circuits;
  }

  /**
   * A place at the best peer; the reason if nobody can be asked. At once, unless it must wait: whoever chooses next sees this
   * call under way.
   *
   * @throws OverloadedError if too many wait; AbortedError, NetworkTimeoutError `DEADLINE_EXCEEDED`.
   */
  take(task: Task, request: SeatRequest): TakenSeat {
    const choice = this.#choice.choose(task, request);
    if ("none" in choice) return choice.none;
    if ("full" in choice) return this.#whenFull(task, request, choice.full);
    return this.#enter(choice.peer) ?? this.#takeOther(task, request, choice.peer.peerId);
  }

  /** As {@link Seats.take}, when a peer has refused. */
  #takeOther(task: Task, request: SeatRequest, refusedBy: string): TakenSeat {
    const refused = [refusedBy];
    for (;;) {
      const others = { ...request, exclude: new Set([...request.exclude, ...refused]) };
      const choice = this.#choice.choose(task, others);
      if ("none" in choice) return resting(refused);
      if ("full" in choice) return this.#whenFull(task, others, choice.full);
      const seat = this.#enter(choice.peer);
      if (seat) return seat;
      refused.push(choice.peer.peerId);
    }
  }

  #whenFull(
    task: Task,
    request: SeatRequest,
    full: readonly ToolCandidate[],
  ): NetworkError | Promise<Seat | NetworkError> {
    return request.wait ? this.#wait(task, request, full) : new OverloadedError("all are full");
  }

  async #wait(
    task: Task,
    request: SeatRequest,
    full: readonly ToolCandidate[],
  ): Promise<Seat | NetworkError> {
    const peers = new Map(full.map((candidate) => [candidate.peerId, candidate]));
    const peerId = await this.#bulkhead.wait(new Set(peers.keys()), request.scope.signal);
    const seat = this.#seat(peers.get(peerId) as ToolCandidate);
    return seat ?? (await this.take(task, request));
  }

  #enter(peer: ToolCandidate): Seat | undefined {
    if (!peer.local) this.#bulkhead.enter(peer.peerId);
    return this.#seat(peer);
  }

  /** Undefined, and the place is given back, if the peer is only being probed. */
  #seat(peer: ToolCandidate): Seat | undefined {
    if (peer.local) return new Seat(peer, this.#bulkhead, undefined);
    const permit = this.#circuits.enter(peer.peerId);
    if (!permit) this.#bulkhead.leave(peer.peerId);
    return permit && new Seat(peer, this.#bulkhead, permit);
  }
}

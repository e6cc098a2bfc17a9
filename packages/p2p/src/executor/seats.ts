import { type CircuitPermit, type NetworkError, OverloadedError } from "@net/core";
import type { ToolCandidate } from "@net/routing";
import type { Outcome } from "../tools/outcome.ts";
import type { Bulkhead } from "./bulkhead.ts";
import { type Circuits, report } from "./circuits.ts";
import type { PeerChoice, Wanted } from "./peer-choice.ts";
import type { Task } from "./task.ts";

/** Leave to ask one peer once. */
export interface Seat {
  readonly peer: ToolCandidate;
  /** Says how it went, and gives the place back. */
  leave(outcome: Outcome): void;
}

export interface SeatRequest extends Wanted {
  /** Whether to wait while everybody is full. */
  readonly wait: boolean;
  readonly signal: AbortSignal;
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
   * A place at the best peer; the reason if nobody can be asked.
   *
   * @throws OverloadedError if too many wait; AbortedError, NetworkTimeoutError `DEADLINE_EXCEEDED`.
   */
  async take(task: Task, { wait, signal, ...wanted }: SeatRequest): Promise<Seat | NetworkError> {
    const exclude = new Set(wanted.exclude);
    for (;;) {
      const choice = this.#choice.choose(task, { ...wanted, exclude });
      if ("none" in choice) return choice.none;
      if ("full" in choice && !wait) return new OverloadedError("every peer is full");
      const peer =
        "peer" in choice ? this.#enter(choice.peer) : await this.#wait(choice.full, signal);
      const seat = this.#seat(peer);
      if (seat) return seat;
      exclude.add(peer.peerId);
    }
  }

  #enter(peer: ToolCandidate): ToolCandidate {
    if (!peer.local) this.#bulkhead.enter(peer.peerId);
    return peer;
  }

  async #wait(full: readonly ToolCandidate[], signal: AbortSignal): Promise<ToolCandidate> {
    const peers = new Map(full.map((candidate) => [candidate.peerId, candidate]));
    const peerId = await this.#bulkhead.wait(new Set(peers.keys()), signal);
    return peers.get(peerId) as ToolCandidate;
  }

  /** Undefined, and the place is given back, if the peer is only being probed. */
  #seat(peer: ToolCandidate): Seat | undefined {
    if (peer.local) return { peer, leave: () => {} };
    const permit = this.#circuits.enter(peer.peerId);
    if (!permit) this.#bulkhead.leave(peer.peerId);
    return permit && { peer, leave: (outcome) => this.#leave(peer.peerId, permit, outcome) };
  }

  #leave(peerId: string, permit: CircuitPermit, outcome: Outcome): void {
    report(permit, outcome);
    this.#bulkhead.leave(peerId);
  }
}

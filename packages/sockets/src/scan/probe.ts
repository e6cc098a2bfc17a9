import { Socket } from "node:net";
import { isConnectedToItself } from "../tcp/open-socket.ts";
import type { PortReason, PortState } from "./result.ts";
import type { Target } from "./targets.ts";

/** One port of one host that is to be asked. */
export interface Question {
  readonly target: Target;
  readonly port: number;
  /** How often it was asked without an answer. */
  readonly asked: number;
}

/** What an attempt showed of the port. */
export interface Answer {
  readonly state: PortState;
  readonly reason: PortReason;
}

/** An answer; or trouble, which says nothing about the port: this machine could not ask. */
export type Outcome = Answer | { readonly trouble: Error };

const closed = (reason: PortReason): Answer => ({ state: "closed", reason });
const filtered = (reason: PortReason): Answer => ({ state: "filtered", reason });

const answers: ReadonlyMap<string, Answer> = new Map([
  ["ECONNREFUSED", closed("refused")],
  ["ECONNRESET", closed("reset")],
  ["ETIMEDOUT", filtered("no-response")],
  ["EHOSTUNREACH", filtered("unreachable")],
  ["ENETUNREACH", filtered("unreachable")],
  ["EHOSTDOWN", filtered("unreachable")],
  ["ENETDOWN", filtered("unreachable")],
  ["EACCES", filtered("prohibited")],
  ["EPERM", filtered("prohibited")],
]);

/** Nothing came back in time. */
export const noResponse: Answer = filtered("no-response");

/** One attempt to connect. Its socket stays open only if the port is. */
export class Probe {
  readonly question: Question;
  readonly startedMs: number;
  readonly socket: Socket = new Socket();

  /** @param onOutcome is called once, never before this returns, and not after {@link Probe.cancel}. */
  constructor(
    question: Question,
    startedMs: number,
    onOutcome: (probe: Probe, outcome: Outcome) => void,
  ) {
    this.question = question;
    this.startedMs = startedMs;
    const { socket } = this;
    socket.once("connect", () => onOutcome(this, this.#connected()));
    socket.once("error", (error) => onOutcome(this, outcomeOf(error)));
    socket.connect({
      host: question.target.address,
      port: question.port,
      autoSelectFamily: false,
    });
  }

  cancel(): void {
    this.socket.removeAllListeners();
    // What a dying socket still has to say interests nobody.
    this.socket.on("error", () => {});
    this.socket.destroy();
  }

  #connected(): Answer {
    if (isConnectedToItself(this.socket)) return closed("self-connect");
    return { state: "open", reason: "accepted" };
  }
}

/** An error that no remote host can cause is trouble here: it must never count as an answer. */
function outcomeOf(error: Error): Outcome {
  const { code } = error as { code?: unknown };
  return (typeof code === "string" && answers.get(code)) || { trouble: error };
}

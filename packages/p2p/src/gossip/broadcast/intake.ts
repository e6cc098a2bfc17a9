import { type Clock, TokenBuckets } from "@net/core";
import type { KeyBook } from "../adverts/key-book.ts";
import type { Codec, Neighbour } from "../neighbour.ts";
import { copyOf } from "../read.ts";
import type { Signatures } from "../signing.ts";
import type { Suspicion } from "../suspicion.ts";
import { assertSameId, type BroadcastFrame } from "./broadcast-frame.ts";
import { type Broadcast, parseBroadcastFields } from "./message.ts";
import type { ReplayGuard } from "./replay-guard.ts";

export interface IntakeOptions {
  readonly self: string;
  readonly codec: Codec;
  readonly signatures: Signatures;
  readonly keys: KeyBook;
  readonly suspicion: Suspicion;
  readonly guard: ReplayGuard;
  readonly clock: Clock;
  readonly maxPayloadBytes: number;
}

/** What is taken of one origin: twice of what it may send, since what comes late comes together. */
const MESSAGES = { capacity: 512, perSecond: 200 } as const;
const BYTES = { capacity: 2 ** 25, perSecond: 2 ** 23 } as const;

/** `later`: it may be right, but cannot be told yet, or is more than this peer takes of one origin at a time. */
export type Verdict = "seen" | "later" | "refused" | TakenBroadcast;

/** What was verified: bytes of its own, and what they say. */
export interface TakenBroadcast {
  readonly broadcast: Broadcast;
  readonly statement: Uint8Array;
  readonly signature: Uint8Array;
}

/** Judges broadcasts as they come, cheap checks first; what was not verified leaves no trace. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #messages: TokenBuckets;
  readonly #bytes: TokenBuckets;

  constructor(options: IntakeOptions) {
    const { clock } = options;
    this.#options = options;
    this.#messages = new TokenBuckets({ ...MESSAGES, clock });
    this.#bytes = new TokenBuckets({ ...BYTES, clock });
  }

  /** @throws ProtocolError if it is malformed. */
  judge(from: Neighbour, frame: BroadcastFrame): Verdict {
    const { self, guard, keys, suspicion } = this.#options;
    if (frame.origin === self) return "seen";
    const judgement = guard.judge(frame);
    if (judgement === "seen") return "seen";
    if (frame.remainingMs <= 0 || suspicion.isIgnored(from)) return "refused";
    const key = judgement === "fresh" ? keys.keyOf(frame.origin) : undefined;
    return key ? this.#open(from, frame, key) : "later";
  }

  #open(from: Neighbour, frame: BroadcastFrame, key: Uint8Array): Verdict {
    const { codec, signatures, suspicion, guard } = this.#options;
    const statement = copyOf(frame.statement);
    const broadcast = parseBroadcastFields(codec.decode(statement));
    assertSameId(frame, broadcast);
    if (!signatures.verify("broadcast", key, frame)) {
      suspicion.note(from, `a broadcast of ${frame.origin} is not signed by it`);
      return "refused";
    }
    if (!this.#isForUs(from, broadcast)) return "refused";
    if (!this.#fits(frame)) return "later";
    guard.add(frame);
    return { broadcast, statement, signature: copyOf(frame.signature) };
  }

  /** What is for the origin's neighbours only comes from itself. */
  #isForUs(from: Neighbour, { scope, origin, payload }: Broadcast): boolean {
    if (payload.length > this.#options.maxPayloadBytes) return false;
    return scope === "all" || from.peerId === origin;
  }

  #fits({ origin, statement }: BroadcastFrame): boolean {
    const bytes = this.#bytes.of(origin);
    if (bytes.available < statement.length || !this.#messages.of(origin).tryTake()) return false;
    return bytes.tryTake(statement.length);
  }
}

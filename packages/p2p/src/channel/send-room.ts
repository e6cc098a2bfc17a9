import {
  AbortScope,
  type Clock,
  LinkedList,
  NetworkError,
  reportUncaught,
  throwIfAborted,
} from "@net/core";
import { CHUNK_BYTES } from "@net/qos";
import { HeldBack } from "./held-back.ts";
import { PartialLimit, type Room } from "./partial-limit.ts";

export interface SendRoomOptions {
  /** The largest message, by agreement with the other end. */
  readonly maxMessageBytes: number;
  readonly clock: Clock;
}

export interface EnterOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long it may wait, in ms. */
  readonly deadlineMs?: number | undefined;
}

/** A message whose sender does not wait. */
export interface Offered {
  readonly bytes: number;
  /** Those of one type keep their order. */
  readonly type: string;
  /** Sends it. @param room undefined if it goes as one frame, which needs none. */
  readonly begin: (room: Room | undefined) => void;
  /** It was taken, but will not be sent after all: `begin` threw that, or the channel ended. */
  readonly lost: (error: NetworkError) => void;
}

interface Waiter {
  /** undefined: it needs no room, but must not overtake those before it. */
  readonly needBytes: number | undefined;
  readonly admit: (room: Room | undefined) => void;
  readonly reject: (error: NetworkError) => void;
}

/**
 * Keeps to what the other end puts together at the same time: its `Assembly` ends the channel of whoever sends more. There is
 * one for each channel, since all its types of messages share that limit, whatever their priority. Who comes first enters first:
 * else smaller messages would overtake a large one for ever.
 */
export class SendRoom {
  readonly #limit: PartialLimit;
  readonly #clock: Clock;
  readonly #waiting = new LinkedList<Waiter>();
  readonly #held: HeldBack;
  #isServing = false;
  #end: NetworkError | undefined;

  constructor({ maxMessageBytes, clock }: SendRoomOptions) {
    this.#limit = new PartialLimit(maxMessageBytes);
    this.#clock = clock;
    this.#held = new HeldBack(this.#limit.maxBytes);
  }

  /** Whether no message is on its way in pieces, and none waits to be. */
  get isIdle(): boolean {
    return this.#limit.isUntouched && this.#waiting.size === 0;
  }

  /** Whether offered messages of a type wait here: then another one, however small, is to be offered here too, behind them. */
  holds(type: string): boolean {
    return this.#held.has(type);
  }

  /**
   * Room for a message that goes in pieces, if there is some and nobody waits for it.
   *
   * @throws ValidationError `FRAME_TOO_LARGE`; once closed, what it was closed with.
   */
  tryEnter(bytes: number): Room | undefined {
    if (this.#end) throw this.#end;
    this.#limit.assertSize(bytes);
    if (this.#waiting.size > 0 || !this.#limit.hasRoom(bytes)) return undefined;
    return this.#take(bytes);
  }

  /**
   * Room for a message that goes in pieces, as soon as it is there.
   *
   * @throws also AbortedError, and NetworkTimeoutError `DEADLINE_EXCEEDED`: nothing is to be left then.
   */
  async enter(bytes: number, options: EnterOptions = {}): Promise<Room> {
    throwIfAborted(options.signal);
    return this.tryEnter(bytes) ?? (await this.#wait(bytes, options));
  }

  /**
   * Begins a message: at once, or when there is room for it and those before it have begun.
   *
   * @throws OverloadedError if more than four of the largest messages would wait; also what {@link SendRoom.tryEnter} and, if it
   *   began at once, its `begin` throw. It was not taken then, and is not `lost`.
   */
  offer(offered: Offered): void {
    const { bytes, type, begin } = offered;
    if (bytes > CHUNK_BYTES) {
      const room = this.tryEnter(bytes);
      if (room) begin(room);
      else this.#hold(offered, bytes);
      return;
    }
    if (this.#end) throw this.#end;
    if (this.holds(type)) this.#hold(offered, undefined);
    else begin(undefined);
  }

  /** Nobody enters any more; whoever waits gets the error. Closing again does nothing. */
  close(error: NetworkError): void {
    if (this.#end) return;
    this.#end = error;
    for (let next = this.#waiting.takeFirst(); next; next = this.#waiting.takeFirst()) {
      next.reject(error);
    }
  }

  async #wait(bytes: number, { signal, deadlineMs }: EnterOptions): Promise<Room> {
    const { promise, resolve, reject } = Promise.withResolvers<Room>();
    using scope = new AbortScope({ deadlineMs, within: signal, clock: this.#clock });
    const admit = (room: Room | undefined): void => room && resolve(room);
    const place = this.#waiting.add({ needBytes: bytes, admit, reject });
    using _end = scope.onOver((error) => {
      // Who was let in meanwhile has his room, and will hear of it when he uses it.
      if (!place.list) return;
      place.remove();
      reject(error);
      this.#serve();
    });
    return await promise;
  }

  #hold(offered: Offered, needBytes: number | undefined): void {
    const { bytes, type, begin, lost } = offered;
    this.#held.add(bytes, type);
    const admit = (room: Room | undefined): void => {
      this.#held.remove(bytes, type);
      tell(() => beginLate(() => begin(room), lost));
    };
    const reject = (error: NetworkError): void => {
      this.#held.remove(bytes, type);
      tell(() => lost(error));
    };
    this.#waiting.add({ needBytes, admit, reject });
  }

  /** Lets in, in order, whoever may enter. Who leaves while another is let in finds this loop at work. */
  #serve(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    while (this.#serveNext());
    this.#isServing = false;
  }

  #serveNext(): boolean {
    const next = this.#waiting.first;
    if (!next) return false;
    const { needBytes, admit } = next;
    if (needBytes !== undefined && !this.#limit.hasRoom(needBytes)) return false;
    this.#waiting.takeFirst();
    admit(needBytes === undefined ? undefined : this.#take(needBytes));
    return true;
  }

  #take(bytes: number): Room {
    return this.#limit.take(bytes, () => this.#serve());
  }
}

function beginLate(begin: () => void, lost: Offered["lost"]): void {
  try {
    begin();
  } catch (error) {
    if (!NetworkError.is(error)) throw error;
    lost(error);
  }
}

/** What somebody throws who is told must not keep out those behind him. */
function tell(somebody: () => void): void {
  try {
    somebody();
  } catch (error) {
    reportUncaught(error);
  }
}

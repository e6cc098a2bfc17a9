import { assertRatio, ValidationError } from "@net/core";

/** How many probes the ratio is about: fine enough for 1 %, and at one probe a second it forgets in two minutes. */
export const LOSS_WINDOW = 100;

/**
 * What was lost: datagrams, of which the network lost each by itself; or probes that were not answered in time, which
 * over TCP is all one can see, since there a lost packet only makes those behind it late.
 */
export type LossKind = "datagram" | "probe-timeout";

/** The share of lost probes among the last 100. */
export class LossWindow {
  readonly kind: LossKind;
  /** 1 where a probe was lost; a ring. */
  readonly #outcomes = new Uint8Array(LOSS_WINDOW);
  #probes = 0;
  #lost = 0;
  #reported: number | undefined;

  constructor(kind: LossKind = "probe-timeout") {
    this.kind = kind;
  }

  /** 0–1; 0 before the first probe. */
  get lossRatio(): number {
    return this.#reported ?? (this.#probes === 0 ? 0 : this.#lost / this.size);
  }

  /** How many probes the ratio is about. */
  get size(): number {
    return Math.min(this.#probes, LOSS_WINDOW);
  }

  /**
   * Takes the fate of one probe, and goes back to counting if a ratio had been {@link LossWindow.replace}d.
   *
   * @throws ValidationError
   */
  record(lost: boolean): void {
    assertFate(lost);
    this.#reported = undefined;
    const slot = this.#probes % LOSS_WINDOW;
    this.#lost += Number(lost) - (this.#outcomes[slot] as number);
    this.#outcomes[slot] = Number(lost);
    this.#probes += 1;
  }

  /** Takes a ratio from elsewhere in place of its own. @throws ValidationError */
  replace(lossRatio: number): void {
    this.#reported = assertRatio(lossRatio, "lossRatio");
  }
}

/** @throws ValidationError */
export function assertFate(lost: boolean): void {
  if (typeof lost === "boolean") return;
  throw new ValidationError(`lost must be true or false, not ${typeof lost}`);
}

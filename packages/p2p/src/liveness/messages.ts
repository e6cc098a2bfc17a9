// What peers say to each other about who lives. All of it is small, urgent (priority `critical`), between neighbours only,
// and never tried again: the next one makes up for a lost one.

/** Are you there? To be answered at once, by whoever gets it. */
export interface Probe {
  readonly type: "probe";
  /** Which probe of this link and this sender: a whole number, 0 up to 2³² − 1. */
  readonly number: number;
}

/** I am. */
export interface ProbeAck {
  readonly type: "probe-ack";
  readonly number: number;
  /** How often the sender has refuted that it is gone: the higher, the newer. */
  readonly incarnation: number;
  /** How late the sender's event loop was lately at worst. */
  readonly loopLagMs: number;
  /** It would rather not get new work now. */
  readonly busy: boolean;
}

/** Please probe your neighbour `target` for me. */
export interface ProbeRequest {
  readonly type: "probe-request";
  /** Which request of this sender. */
  readonly number: number;
  readonly target: string;
}

/** What came of it. Also said when the target did not answer: who says nothing is not well himself. */
export interface ProbeReport {
  readonly type: "probe-report";
  readonly number: number;
  readonly target: string;
  readonly reached: boolean;
}

/** I hear nothing of that peer any more. To it, and to neighbours of both. */
export interface Suspect {
  readonly type: "suspect";
  readonly peerId: string;
  /** The newest incarnation that the sender knows of it. */
  readonly incarnation: number;
}

/** That peer lives: it said so itself with this incarnation. */
export interface Refute {
  readonly type: "refute";
  readonly peerId: string;
  readonly incarnation: number;
}

export type LivenessMessage = Probe | ProbeAck | ProbeRequest | ProbeReport | Suspect | Refute;

/** One end's view of one link. */
export interface AdvertLink {
  /** The neighbour. */
  readonly peer: string;
  /** What crossing it costs from the origin to the neighbour: a whole number of µs, 1 to 2³² − 1. */
  readonly costUs: number;
  /** The measured round-trip time; left out while nothing was measured. */
  readonly rttMs?: number;
}

/**
 * What one node tells all others about itself. A newer advert, by epoch and then by sequence number, replaces the
 * older one whole.
 */
export interface LinkStateAdvert {
  /** The node it is about, and from. */
  readonly origin: string;
  /** Which start of that node: higher than any before. */
  readonly epoch: number;
  /** Which advert of that start: higher than any before. */
  readonly seq: number;
  /** At most one per neighbour, ordered by neighbour. */
  readonly links: readonly AdvertLink[];
  readonly capabilities: readonly string[];
  /** The tools it runs for others, each as `name` or `name@version`. */
  readonly tools: readonly string[];
  /** Changes when anything about its tools does, also what `tools` does not say, such as their parameters. */
  readonly toolsDigest?: string;
  /** What it can be picked by, each as `key=value`. */
  readonly labels: readonly string[];
  /** How busy it is: 0 idle, 1 full. */
  readonly load: number;
  /** Whether it passes on what is for others. If not, ways end or begin at it, and none leads through it. */
  readonly relay: boolean;
  /** How long this counts from when it was sent, in ms, unless a newer one comes; 0 takes the node out at once. */
  readonly ttlMs: number;
  /** What people call it. */
  readonly name?: string;
  /** Whatever the origin's `sign` made of it. */
  readonly signature?: string;
  /**
   * How long ago it was sent, in ms, as the one says who passes it on; 0 if left out. The only field that changes on the way:
   * it is not signed, and nothing is newer or different because of it. It can only shorten a life.
   */
  readonly ageMs?: number;
}

/** How long an advert counts, in ms, and the most that one may ask for. */
export const ADVERT_LIFETIME = 90_000;
/** How often an origin repeats its advert, in ms: two may get lost before it is forgotten. */
export const ADVERT_REFRESH = 30_000;
/** The shortest life that an advert may ask for, in ms, other than none. */
export const MIN_ADVERT_LIFETIME = 1_000;
/** The most links one node advertises: far above the connections a node keeps, far below what hurts memory. */
export const MAX_LINKS = 1_024;
/** The most characters in all texts of an advert together: 1,024 links to peers named by 64 hexadecimal digits fit. */
export const MAX_ADVERT_LENGTH: number = 2 ** 17;

/** The key that orders the adverts of one origin. */
export type AdvertVersion = Pick<LinkStateAdvert, "epoch" | "seq">;

/** Whether `a` replaces `b`. */
export function isNewer(a: AdvertVersion, b: AdvertVersion): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.seq > b.seq);
}

/** Whether an advert takes its origin out of the network. */
export function isWithdrawal({ ttlMs }: LinkStateAdvert): boolean {
  return ttlMs === 0;
}

/** The characters in all its texts. */
export function advertLength(advert: LinkStateAdvert): number {
  const { origin, links, capabilities, tools, labels, name = "" } = advert;
  const { toolsDigest = "", signature = "" } = advert;
  const lists = [capabilities, tools, labels, links.map(({ peer }) => peer)];
  const fixed = origin.length + name.length + toolsDigest.length + signature.length;
  return lists.flat().reduce((sum, text) => sum + text.length, fixed);
}

import { isVersion, type VersionRange, versionRange } from "./version-range.ts";

/** A peer that may run a tool; the known peers of a topology fit as they are. */
export interface ToolCandidate {
  readonly peerId: string;
  /** The tools it runs, each as `name` or `name@version`. */
  readonly tools: readonly string[];
  readonly capabilities: readonly string[];
  /** What it can be picked by, each as `key=value`. */
  readonly labels?: readonly string[] | undefined;
  /** True for this node itself. */
  readonly local?: boolean | undefined;
  /** What the route to it costs. Default: 0 for the local one, else that of one unmeasured link. */
  readonly pathCostUs?: number | undefined;
  /** How busy it is: 0 idle (default), 1 full. */
  readonly load?: number | undefined;
}

/** What a peer must have to be asked. */
export interface ToolRequirements {
  /** The peer must have them all. */
  readonly requiredCapabilities?: readonly string[] | undefined;
  /** Which versions of the tool will do, as npm writes ranges. Default: any, and one without a version. */
  readonly version?: string | undefined;
  /** The peer must have them all. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Peers not to take, for instance because they just failed. */
  readonly exclude?: readonly string[] | ReadonlySet<string> | undefined;
}

/** Whether a peer may be asked to run a tool. */
export type PermitTool = (tool: string, candidate: ToolCandidate) => boolean;

const none: readonly string[] = [];

/** Those that have what it takes. @throws ValidationError if `version` is no range. */
export function qualify<Candidate extends ToolCandidate>(
  tool: string,
  candidates: Iterable<Candidate>,
  { requiredCapabilities = none, version, labels, exclude = none }: ToolRequirements,
  permits?: PermitTool,
): Candidate[] {
  const excluded = exclude instanceof Set ? (exclude as ReadonlySet<string>) : new Set(exclude);
  const range = version === undefined ? undefined : versionRange(version);
  const wanted = labels ? Object.entries(labels).map(([key, value]) => `${key}=${value}`) : none;
  const all = Array.isArray(candidates) ? (candidates as readonly Candidate[]) : [...candidates];
  return all.filter(
    (candidate) =>
      !excluded.has(candidate.peerId) &&
      candidate.tools.some((offer) => isOfferOf(tool, offer, range)) &&
      requiredCapabilities.every((name) => candidate.capabilities.includes(name)) &&
      wanted.every((label) => candidate.labels?.includes(label)) &&
      (!permits || permits(tool, candidate)),
  );
}

/** Whether what a peer offers is that tool. A name may hold an `@`: it is a version's only if a version follows. */
function isOfferOf(tool: string, offer: string, range: VersionRange | undefined): boolean {
  if (offer === tool && !range) return true;
  if (offer[tool.length] !== "@" || !offer.startsWith(tool)) return false;
  const version = offer.slice(tool.length + 1);
  return range ? range(version) : isVersion(version);
}

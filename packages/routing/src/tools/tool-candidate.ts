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

/** What is asked of each candidate, worked out once for all of them. */
interface Wanted {
  readonly tool: string;
  readonly range: VersionRange | undefined;
  readonly excluded: ReadonlySet<string>;
  readonly capabilities: readonly string[];
  /** Each as `key=value`. */
  readonly labels: readonly string[];
  readonly permits: PermitTool | undefined;
}

/** Those that have what it takes. @throws ValidationError if `version` is no range. */
export function qualify<Candidate extends ToolCandidate>(
  tool: string,
  candidates: Iterable<Candidate>,
  { requiredCapabilities = none, version, labels, exclude = none }: ToolRequirements,
  permits?: PermitTool,
): Candidate[] {
  const wanted: Wanted = {
    tool,
    range: version === undefined ? undefined : versionRange(version),
    excluded: exclude instanceof Set ? (exclude as ReadonlySet<string>) : new Set(exclude),
    capabilities: requiredCapabilities,
    labels: labels ? Object.entries(labels).map(([key, value]) => `${key}=${value}`) : none,
    permits,
  };
  const qualified: Candidate[] = [];
  for (const candidate of candidates) {
    if (isQualified(candidate, wanted)) qualified.push(candidate);
  }
  return qualified;
}

function isQualified(candidate: ToolCandidate, wanted: Wanted): boolean {
  const { tool, excluded, capabilities, labels, permits } = wanted;
  return (
    !excluded.has(candidate.peerId) &&
    offers(candidate, wanted) &&
    hasAll(candidate.capabilities, capabilities) &&
    hasAll(candidate.labels ?? none, labels) &&
    (!permits || permits(tool, candidate))
  );
}

/** Loops, not closures: this is done for every call and every candidate. */
function offers({ tools }: ToolCandidate, { tool, range }: Wanted): boolean {
  for (const offer of tools) {
    if (isOfferOf(tool, offer, range)) return true;
  }
  return false;
}

function hasAll(all: readonly string[], wanted: readonly string[]): boolean {
  for (const each of wanted) {
    if (!all.includes(each)) return false;
  }
  return true;
}

/** Whether what a peer offers is that tool. A name may hold an `@`: it is a version's only if a version follows. */
function isOfferOf(tool: string, offer: string, range: VersionRange | undefined): boolean {
  if (offer === tool && !range) return true;
  if (offer[tool.length] !== "@" || !offer.startsWith(tool)) return false;
  const version = offer.slice(tool.length + 1);
  return range ? range(version) : isVersion(version);
}

import { invalid } from "../names.ts";

/** Major, minor and patch, and what stands behind a hyphen: `1.2.3-beta.1`. */
interface Version {
  readonly numbers: readonly [number, number, number];
  readonly prerelease: string;
}

type Comparator = (version: Version) => boolean;

/** Tells whether a version lies in a range. */
export type VersionRange = (version: string) => boolean;

const NUMBER = String.raw`(0|[1-9]\d{0,14})`;
/** What a prerelease is made of: a number without leading zeros, or a text. */
const IDENTIFIER = String.raw`(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)`;
const PRERELEASE = String.raw`${IDENTIFIER}(?:\.${IDENTIFIER})*`;
const BUILD = String.raw`[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*`;
const TAIL = String.raw`(?:-(${PRERELEASE}))?(?:\+${BUILD})?`;
const VERSION = new RegExp(`^${NUMBER}\\.${NUMBER}\\.${NUMBER}${TAIL}$`);
const PART = String.raw`(0|[1-9]\d{0,14}|[xX*])`;
const COMPARATOR = new RegExp(`^(\\^|~|>=|<=|>|<|=)?${PART}(?:\\.${PART})?(?:\\.${PART})?${TAIL}$`);
const MAX_LENGTH = 256;
const RANGE_RULE =
  'a range of versions, such as "^1.2.0", "~1.2", ">=1.0.0 <3.0.0" or "1.x || 2.x"';

/** True for a version as <https://semver.org> defines it. */
export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

/**
 * Reads a range in the notation of npm: `^`, `~`, comparisons, `x`, blanks for "and", `||` for "or"; not hyphen ranges. A
 * prerelease is in a range only if one of its comparators names a prerelease of the same version.
 *
 * @throws ValidationError
 */
export function versionRange(text: string): VersionRange {
  if (typeof text !== "string" || text.length > MAX_LENGTH) throw invalid(RANGE_RULE, "version");
  const alternatives = text.split("||").map((part) => part.trim().split(/\s+/).filter(Boolean));
  const ranges = alternatives.map((words) => allOf(words.length === 0 ? ["*"] : words));
  return (candidate) => {
    const version = readVersion(candidate);
    return version !== undefined && ranges.some((matches) => matches(version));
  };
}

function allOf(words: readonly string[]): Comparator {
  const bounds = words.map(readComparator);
  return (version) => {
    const opened = bounds.some(({ prereleaseOf }) => prereleaseOf === `${version.numbers}`);
    if (version.prerelease !== "" && !opened) return false;
    return bounds.every(({ matches }) => matches(version));
  };
}

function readComparator(word: string): { matches: Comparator; prereleaseOf: string | undefined } {
  const match = COMPARATOR.exec(word);
  if (!match) throw invalid(RANGE_RULE, "version");
  const [, operator = "", ...parts]: (string | undefined)[] = match;
  const prerelease = parts[3] ?? "";
  const known = parts
    .slice(0, 3)
    .map((part) => (part === undefined || /[xX*]/.test(part) ? undefined : Number(part)));
  const [major, minor, patch] = known;
  const numbers = [major ?? 0, minor ?? 0, patch ?? 0] as const;
  const low: Version = { numbers, prerelease };
  const matches = compareWith(operator, low, known);
  return { matches, prereleaseOf: prerelease === "" ? undefined : `${numbers}` };
}

/** What an operator and a version, some of it left open, allow. */
function compareWith(
  operator: string,
  low: Version,
  known: readonly (number | undefined)[],
): Comparator {
  if (known[0] === undefined) return () => true;
  const next = above(operator, known);
  const isBelow = (version: Version): boolean => compareVersions(version, next) < 0;
  if (operator === ">=") return (version) => compareVersions(version, low) >= 0;
  if (operator === "<") return (version) => compareVersions(version, low) < 0;
  if (operator === ">")
    return known.includes(undefined) ? (v) => !isBelow(v) : (v) => compareVersions(v, low) > 0;
  if (operator === "<=")
    return known.includes(undefined) ? isBelow : (v) => compareVersions(v, low) <= 0;
  const isExact = (operator === "" || operator === "=") && !known.includes(undefined);
  if (isExact) return (version) => compareVersions(version, low) === 0;
  return (version) => compareVersions(version, low) >= 0 && isBelow(version);
}

/** The first version that is too high for `^`, `~` or a version with open parts. */
function above(
  operator: string,
  [major = 0, minor, patch]: readonly (number | undefined)[],
): Version {
  const first = (...numbers: [number, number, number]): Version => ({ numbers, prerelease: "0" });
  if (minor === undefined) return first(major + 1, 0, 0);
  if (operator === "^" && major > 0) return first(major + 1, 0, 0);
  if (operator === "^" && minor === 0 && patch !== undefined) return first(0, 0, patch + 1);
  return first(major, minor + 1, 0);
}

function readVersion(text: string): Version | undefined {
  const match = VERSION.exec(text);
  if (!match) return undefined;
  const [, major, minor, patch, prerelease = ""] = match;
  return { numbers: [Number(major), Number(minor), Number(patch)], prerelease };
}

/** By precedence: numbers first; a prerelease comes before its release. */
function compareVersions(a: Version, b: Version): number {
  for (let i = 0; i < 3; i++) {
    const difference = (a.numbers[i] as number) - (b.numbers[i] as number);
    if (difference !== 0) return difference;
  }
  if (a.prerelease === b.prerelease) return 0;
  if (a.prerelease === "" || b.prerelease === "") return a.prerelease === "" ? 1 : -1;
  return comparePrereleases(a.prerelease.split("."), b.prerelease.split("."));
}

function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = compareIdentifiers(a[i] as string, b[i] as string);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Numbers by value, and before texts; texts in code-unit order. */
function compareIdentifiers(a: string, b: string): number {
  const [aIsNumber, bIsNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (aIsNumber && bIsNumber) return Number(a) - Number(b);
  if (aIsNumber !== bIsNumber) return aIsNumber ? -1 : 1;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

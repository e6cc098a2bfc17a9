import { assertPositive } from "@net/core";

/** What a document may cost, so that a hostile one ends in an error instead of a hang. */
export interface Limits {
  /** Of one document, in bytes. Default 16 MiB. */
  readonly maxDocumentBytes?: number | undefined;
  /** Documents read in all, the first one included. Default 256. */
  readonly maxDocuments?: number | undefined;
  /** How deep schemas may be nested. Default 100. */
  readonly maxDepth?: number | undefined;
  /** Schemas in all, counted where they are written out. Default 250,000. */
  readonly maxSchemas?: number | undefined;
  /** Of parsing one document, and of making the client of all of them, in ms. Default 30,000. */
  readonly timeout?: number | undefined;
}

/** The limits with every default filled in. */
export type CheckedLimits = { readonly [Name in keyof Limits]-?: number };

const MIB = 1024 * 1024;

const defaults: CheckedLimits = {
  maxDocumentBytes: 16 * MIB,
  maxDocuments: 256,
  maxDepth: 100,
  maxSchemas: 250_000,
  timeout: 30_000,
};

/** @throws ValidationError naming the limit that is none. */
export function checkedLimits(limits: Limits = {}): CheckedLimits {
  const given = Object.entries(limits).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) assertPositive(value as number, `limits.${name}`);
  return { ...defaults, ...Object.fromEntries(given) };
}

import { assertPositive } from "@net/core";

/** How much a {@link ResultLedger} keeps, and for how long. */
export interface LedgerLimits {
  /** How long the end of a keyed call is kept, in ms, from that end. Default 600,000: ten minutes. */
  readonly ttl: number;
  /** The most keys, those of running calls among them. Default 100,000: some 50 MB beside the results. */
  readonly maxKeys: number;
  /** The most keys of one owner, so that none takes the room of all. Default 50,000. */
  readonly maxKeysPerOwner: number;
  /** The most bytes of results. Default 64 MiB. */
  readonly maxBytes: number;
  /** The most bytes of one owner's results. Default 32 MiB. */
  readonly maxBytesPerOwner: number;
  /** The largest result that is kept, in bytes. Default 1 MiB. */
  readonly maxResultBytes: number;
  /** How long a run goes on after the last who waited for it was lost, in ms. Default 600,000. */
  readonly orphanTimeout: number;
}

const MiB = 1024 * 1024;

const defaults: LedgerLimits = {
  ttl: 600_000,
  maxKeys: 100_000,
  maxKeysPerOwner: 50_000,
  maxBytes: 64 * MiB,
  maxBytesPerOwner: 32 * MiB,
  maxResultBytes: MiB,
  orphanTimeout: 600_000,
};

/** The limits given, completed by the defaults. @throws ValidationError if one is not above 0. */
export function ledgerLimits(given: Partial<LedgerLimits>): LedgerLimits {
  const limits = { ...defaults, ...given };
  for (const [name, value] of Object.entries(limits)) assertPositive(value, name);
  return limits;
}

import type { LookupFunction } from "node:net";
import type { Guard } from "../guard/guard.ts";
import type { ConnectionOptions } from "../options/connection-options.ts";

/** What resolves names: the guard, which gives checked addresses only, or the caller's own, or nothing said. */
export function lookupOf({
  guard,
  lookup,
}: Pick<ConnectionOptions, "lookup"> & { readonly guard: Guard | undefined }): {
  readonly lookup?: LookupFunction;
} {
  const chosen = guard?.lookup ?? lookup;
  return chosen ? { lookup: chosen } : {};
}

/** The authorities to trust, as TLS takes them. */
export function caOf({ ca }: Pick<ConnectionOptions, "ca">): { readonly ca?: string | string[] } {
  if (ca === undefined) return {};
  return { ca: typeof ca === "string" ? ca : [...ca] };
}

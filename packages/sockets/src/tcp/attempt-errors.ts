/** This machine, or its name server, could not ask: that says nothing about the host, and must not pass for its answer. */
const trouble: ReadonlySet<unknown> = new Set([
  "EAI_AGAIN",
  "EAI_FAIL",
  "EMFILE",
  "ENFILE",
  "ENOBUFS",
  "ENOMEM",
]);
/** There is no way there by this family, as where IPv6 is off: what the other family met says more. */
const noWay: ReadonlySet<unknown> = new Set([
  "EAFNOSUPPORT",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
]);

/** What failed at each address, as one error: the one that says most comes first, and counts. */
export function mostTelling(errors: readonly unknown[]): unknown {
  if (errors.length === 1) return errors[0];
  const sorted = errors.toSorted((a, b) => rank(a) - rank(b));
  return new AggregateError(sorted, "every address failed");
}

function rank(error: unknown): number {
  const { code, address } = error as { readonly code?: unknown; readonly address?: unknown };
  if (trouble.has(code)) return 0;
  // Out of ports; or, with IPv6, no address of that family to ask from.
  if (code === "EADDRNOTAVAIL") return String(address).includes(":") ? 2 : 0;
  return noWay.has(code) ? 2 : 1;
}

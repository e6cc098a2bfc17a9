/**
 * Every string under a `$ref` key, wherever it stands, from the top down. Some of them are data, in an example for
 * instance: what comes of those is seen only when somebody follows them. Without recursion, and each shared object
 * once: aliases in YAML make graphs.
 */
export function referencesIn(root: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  // A set grows while it is walked, and its walk goes on to what was added.
  const containers = new Set([root].filter(isContainer));
  for (const container of containers) {
    const { $ref } = container as { readonly $ref?: unknown };
    if (typeof $ref === "string") found.add($ref);
    for (const child of Object.values(container)) if (isContainer(child)) containers.add(child);
  }
  return found;
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

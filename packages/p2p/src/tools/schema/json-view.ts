import type { ValidationIssue } from "@net/core";

/** The most objects, arrays and scalars of a value that is checked: what a payload of 1 MiB hardly holds. */
const MAX_NODES = 262_144;
const MAX_DEPTH = 128;

type Path = readonly (string | number)[];

/** What a JSON Schema gets to see of a value, or why it cannot be shown one. */
export type JsonView =
  | {
      readonly value: unknown /** How many objects, arrays and scalars it holds. */;
      readonly nodes: number;
    }
  | { readonly issue: ValidationIssue };

/** The value as JSON would carry it: bytes as their base64, members that are undefined left out. */
export function jsonView(value: unknown): JsonView {
  const viewer = new Viewer();
  const seen = viewer.view(value, []);
  return viewer.issue ? { issue: viewer.issue } : { value: seen, nodes: viewer.nodes };
}

/** Copies only what is not JSON already. */
class Viewer {
  issue: ValidationIssue | undefined;
  nodes = 0;

  view(value: unknown, path: Path): unknown {
    if (this.issue) return value;
    this.nodes += 1;
    if (this.nodes > MAX_NODES) return this.#refuse(value, "holds too many values", []);
    if (path.length > MAX_DEPTH) return this.#refuse(value, "is nested too deep", []);
    if (typeof value !== "object") return this.#scalar(value, path);
    if (value === null) return value;
    if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
    return Array.isArray(value) ? this.#array(value, path) : this.#record(value, path);
  }

  #scalar(value: unknown, path: Path): unknown {
    if (typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    return this.#refuse(value, `must be JSON, not ${typeof value}`, path);
  }

  #array(items: readonly unknown[], path: Path): unknown {
    let copy: unknown[] | undefined;
    for (const [index, item] of items.entries()) {
      const seen = this.view(item, [...path, index]);
      if (seen === item) continue;
      copy ??= [...items];
      copy[index] = seen;
    }
    return copy ?? items;
  }

  #record(record: object, path: Path): unknown {
    const entries = Object.entries(record);
    const shown = entries.filter(([, member]) => member !== undefined);
    const seen = shown.map(([key, member]) => [key, this.view(member, [...path, key])] as const);
    const same =
      shown.length === entries.length && seen.every(([, value], at) => value === shown[at]?.[1]);
    return same ? record : Object.fromEntries(seen);
  }

  #refuse(value: unknown, message: string, path: Path): unknown {
    this.issue ??= { message, path };
    return value;
  }
}

import { isRecord } from "@net/core";
import type { Library } from "../load/library.ts";
import type { Problems } from "../problems.ts";
import { childOf, describePlace, keyOf, type Place, rootOf } from "./place.ts";
import { formatPointer, parsePointer } from "./pointer.ts";

/** References to references to …: longer ways are no one's intention. */
const MAX_HOPS = 100;

/** Follows `$ref`s between the documents of a library. */
export class Resolver {
  readonly #library: Library;
  readonly #problems: Problems;

  constructor(library: Library, problems: Problems) {
    this.#library = library;
    this.#problems = problems;
  }

  /** Where a place's own `$ref` leads; undefined, and a problem, if it leads nowhere. */
  target(place: Place): Place | undefined {
    const reference = referenceOf(place);
    if (reference === undefined) return undefined;
    const found = this.#find(place, reference);
    if (typeof found !== "string") return found;
    this.#problems.at(place, `the $ref ${JSON.stringify(reference)} leads nowhere: ${found}`);
    return undefined;
  }

  /**
   * A place with its `$ref`, and the `$ref` of what that leads to, followed to the end: for everything that is no
   * schema, where a circle means nothing.
   */
  follow(place: Place | undefined): Place | undefined {
    const passed = new Set<string>();
    let current = place;
    while (current && referenceOf(current) !== undefined) {
      passed.add(keyOf(current));
      const next = this.target(current);
      if (place && next && passed.has(keyOf(next))) {
        this.#problems.at(place, `its $ref leads back to itself at ${describePlace(next)}`);
        return undefined;
      }
      if (place && passed.size > MAX_HOPS) {
        this.#problems.at(
          place,
          `its $ref leads to more than ${MAX_HOPS} others, one after the other`,
        );
        return undefined;
      }
      current = next;
    }
    return current;
  }

  #find(place: Place, reference: string): Place | string {
    const url = URL.parse(reference, place.document.url.href);
    if (!url) return "it is no URI reference";
    const path = parsePointer(url.hash.slice(1));
    url.hash = "";
    const document = url.href === place.document.url.href ? place.document : this.#library.get(url);
    if (typeof document === "string") return document;
    if (!path) return "its fragment is no JSON pointer, and anchors are not followed";
    return walk(rootOf(document), path);
  }
}

/** The `$ref` of a place, if it has one. */
export function referenceOf({ value }: Place): string | undefined {
  return isRecord(value) && typeof value.$ref === "string" ? value.$ref : undefined;
}

function walk(root: Place, path: readonly string[]): Place | string {
  let current = root;
  for (const token of path) {
    const next = childOf(current, token);
    if (!next) {
      const where = formatPointer(current.path);
      return `there is no ${JSON.stringify(token)} in ${current.document.name}${where}`;
    }
    current = next;
  }
  return current;
}

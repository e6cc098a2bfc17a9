import { isRecord } from "@net/core";
import type { CheckedLimits } from "../limits.ts";
import type { Problems } from "../problems.ts";
import { childOf, isTrueAt, keyOf, type Place } from "../resolve/place.ts";
import { type Resolver, referenceOf } from "../resolve/resolver.ts";
import { readCombinations } from "./combinations.ts";
import { docsOf } from "./docs.ts";
import { readLiterals } from "./literals.ts";
import {
  intersectionOf,
  type NamedSchema,
  neverSchema,
  nullSchema,
  type Schema,
  unionOf,
  unknownSchema,
} from "./schema.ts";
import { componentOf, hintOf } from "./schema-names.ts";
import { readTypes } from "./types.ts";

export interface SchemaReaderOptions {
  readonly resolver: Resolver;
  readonly problems: Problems;
  readonly limits: CheckedLimits;
  /** The first document's. */
  readonly url: URL;
  /** OpenAPI 3.0: what stands beside a `$ref` is ignored. */
  readonly refsStandAlone: boolean;
}

interface Named {
  readonly place: Place;
  readonly named: NamedSchema;
}

/**
 * Turns schemas into the model. Each schema that is referred to becomes a {@link NamedSchema} once, wherever it
 * stands, so recursion needs no care; they are read one after the other, not inside each other.
 */
export class SchemaReader {
  readonly resolver: Resolver;
  readonly problems: Problems;
  readonly #options: SchemaReaderOptions;
  readonly #named = new Map<string, Named>();
  readonly #waiting: Named[] = [];
  #depth = 0;
  #count = 0;

  constructor(options: SchemaReaderOptions) {
    this.#options = options;
    this.resolver = options.resolver;
    this.problems = options.problems;
  }

  /** Every named schema so far, in the order in which they were met. */
  get named(): readonly Named[] {
    return [...this.#named.values()];
  }

  /** Reads what {@link SchemaReader.name} has noted. */
  finish(): void {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      next.named.schema = this.read(next.place, { inside: true });
    }
  }

  /** The schema at a place. A component is not written out again but referred to, unless `inside` it. */
  read(place: Place, { inside = false }: { readonly inside?: boolean } = {}): Schema {
    const component = componentOf(place, this.#options.url) !== undefined;
    if (component && !inside) return { kind: "reference", target: this.name(place) };
    if (!this.#afford(place)) return unknownSchema;
    this.#depth++;
    try {
      return this.#readValue(place);
    } finally {
      this.#depth--;
    }
  }

  /** The named schema of a place, read later. */
  name(place: Place): NamedSchema {
    const key = keyOf(place);
    const known = this.#named.get(key);
    if (known) return known.named;
    const component = componentOf(place, this.#options.url);
    const hint = component ?? hintOf(place);
    const named: NamedSchema = { hint, component, docs: docsOf(place), schema: unknownSchema };
    const entry = { place, named };
    this.#named.set(key, entry);
    this.#waiting.push(entry);
    return named;
  }

  #afford(place: Place): boolean {
    const { maxDepth, maxSchemas } = this.#options.limits;
    if (this.#depth >= maxDepth) {
      this.problems.at(place, `it is nested more than ${maxDepth} schemas deep`);
      return false;
    }
    if (this.#count === maxSchemas) {
      this.problems.at(place, `there are more than ${maxSchemas} schemas`);
      return false;
    }
    this.#count++;
    return true;
  }

  #readValue(place: Place): Schema {
    const { value } = place;
    if (value === true) return unknownSchema;
    if (value === false) return neverSchema;
    if (!isRecord(value)) {
      this.problems.at(place, "a schema must be an object, true or false");
      return unknownSchema;
    }
    if (referenceOf(place) === undefined) return this.readKeywords(place);
    const target = this.#readReference(place);
    if (this.#options.refsStandAlone) return target;
    return intersectionOf([target, this.readKeywords(place)]);
  }

  #readReference(place: Place): Schema {
    const target = this.resolver.target(place);
    return target ? { kind: "reference", target: this.name(target) } : unknownSchema;
  }

  /** All that a schema says without its `$ref`. */
  readKeywords(place: Place): Schema {
    const own = readLiterals(this, place) ?? readTypes(this, place);
    const schema = intersectionOf([...readCombinations(this, place), own]);
    // OpenAPI 3.0's word; some documents of 3.1 still use it and mean it.
    const nullable = isTrueAt(place, "nullable") && schema.kind !== "unknown";
    return nullable ? unionOf([schema, nullSchema]) : schema;
  }

  /** True if a property's schema, or what it refers to, has a flag such as `readOnly`. */
  isFlagged(place: Place, flag: string): boolean {
    if (isTrueAt(place, flag)) return true;
    const target = referenceOf(place) === undefined ? undefined : this.resolver.target(place);
    return target !== undefined && childOf(target, flag)?.value === true;
  }
}

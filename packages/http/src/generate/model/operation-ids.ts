import { DistinctNames } from "../distinct-names.ts";
import type { Problems } from "../problems.ts";
import { childOf, describePlace, type Place, stringAt } from "../resolve/place.ts";

/** One name per operation: its `operationId`, else one made of method and path. */
export class OperationIds {
  readonly #problems: Problems;
  readonly #taken = new Map<string, Place>();
  readonly #made = new DistinctNames((name) => this.#taken.has(name));

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  /** Notes the names that a document gives, before any is made up. The same one twice is a problem. */
  claim(operation: Place): void {
    const id = stringAt(operation, "operationId");
    if (id === undefined) return;
    const before = this.#taken.get(id);
    const place = childOf(operation, "operationId") ?? operation;
    if (before) {
      const where = describePlace(before);
      this.#problems.at(place, `the operationId ${JSON.stringify(id)} is taken already: ${where}`);
    } else this.#taken.set(id, place);
  }

  /** The name of an operation. */
  of(operation: Place, method: string, template: string): string {
    return stringAt(operation, "operationId") ?? this.#make(operation, method, template);
  }

  #make(operation: Place, method: string, template: string): string {
    const words = template.split(/[^\p{ID_Continue}]+/u).filter(Boolean);
    const base =
      method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
    const id = this.#made.take(base);
    this.#taken.set(id, operation);
    return id;
  }
}

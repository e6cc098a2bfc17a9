import type { Rng } from "@net/core";

// Random documents, all valid, with more of what is odd than real ones have.

const words = [
  "pet",
  "Pet",
  "a-b",
  "class",
  "1st",
  "id",
  "name",
  "ünï",
  "x y",
  "__proto__",
  "*/",
  "type",
];
const statuses = ["200", "201", "204", "2XX", "404", "4XX", "500", "default"];
const mediaTypes = [
  "application/json",
  "text/plain",
  "application/problem+json",
  "text/event-stream",
  "multipart/form-data",
  "application/x-www-form-urlencoded",
  "image/png",
  "*/*",
];

/** Makes documents; the same for the same randomness. */
export class RandomDocument {
  readonly #rng: Rng;
  readonly #schemas: readonly string[];

  constructor(rng: Rng) {
    this.#rng = rng;
    this.#schemas = words.slice(0, 1 + this.#below(words.length - 1));
  }

  make(): object {
    const schemas = Object.fromEntries(this.#schemas.map((name) => [name, this.#object(3)]));
    const paths = Array.from({ length: this.#below(4) }, (_, number) => this.#path(number));
    return {
      openapi: this.#pick(["3.0.3", "3.1.0"]),
      info: { title: this.#pick(words), version: "1" },
      paths: Object.fromEntries(paths),
      components: { schemas },
    };
  }

  #path(number: number): readonly [string, object] {
    const slots = words.slice(0, this.#below(3)).filter((word) => /^\w+$/.test(word));
    const template = `/${number}/${slots.map((slot) => `{${slot}}`).join("/")}`;
    const declared = slots.map((name) => ({
      name,
      in: "path",
      required: true,
      schema: this.#schema(1),
    }));
    const query = {
      name: this.#pick(words),
      in: this.#pick(["query", "header", "cookie"]),
      schema: this.#schema(2),
    };
    const operation = {
      ...(this.#chance() && { operationId: `${this.#pick(words)}${number}` }),
      parameters: [...declared, query],
      ...(this.#chance() && { requestBody: { content: this.#content() } }),
      responses: Object.fromEntries(
        this.#some(statuses).map((status) => [
          status,
          { description: "", content: this.#content() },
        ]),
      ),
    };
    return [template, { [this.#pick(["get", "post", "patch"])]: operation }];
  }

  #content(): object {
    return Object.fromEntries(
      this.#some(mediaTypes).map((type) => [type, { schema: this.#schema(2) }]),
    );
  }

  #schema(depth: number): unknown {
    if (depth === 0 || this.#chance()) return this.#leaf();
    const of = (): unknown => this.#schema(depth - 1);
    return this.#pick<() => unknown>([
      () => this.#object(depth - 1),
      () => ({ type: "array", items: of() }),
      () => ({ prefixItems: [of(), of()], minItems: this.#below(3) }),
      () => ({ oneOf: [of(), of()] }),
      () => ({ anyOf: [of(), { type: "null" }] }),
      () => ({ allOf: [this.#object(depth - 1), this.#object(depth - 1)] }),
      () => ({ additionalProperties: of() }),
    ])();
  }

  #leaf(): unknown {
    return this.#pick<unknown>([
      { type: "string", format: this.#pick(["binary", "date-time"]) },
      { type: ["integer", "null"] },
      { type: "boolean", nullable: true },
      { enum: this.#some<unknown>([...words, 1, null, true]) },
      { const: this.#pick<unknown>([...words, -1.5, 1e300, false]) },
      {
        $ref: `#/components/schemas/${encodeURIComponent(this.#pick(this.#schemas).replace("/", "~1"))}`,
      },
      {},
    ]);
  }

  #object(depth: number): object {
    const names = this.#some(words);
    const properties = names.map((name) => [
      name,
      {
        ...(this.#schema(depth) as object),
        readOnly: this.#chance(),
        description: this.#pick(words),
      },
    ]);
    return {
      type: "object",
      properties: Object.fromEntries(properties),
      required: this.#some(words),
      ...(this.#chance() && { additionalProperties: this.#schema(depth) }),
    };
  }

  #some<T>(values: readonly T[]): T[] {
    const some = values.filter(() => this.#rng.next() < 0.3);
    return some.length > 0 ? some : [this.#pick(values)];
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#below(values.length)] as T;
  }

  #chance(): boolean {
    return this.#rng.next() < 0.4;
  }

  #below(limit: number): number {
    return Math.floor(this.#rng.next() * limit);
  }
}

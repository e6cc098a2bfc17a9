import type { Problems } from "../problems.ts";
import { describePlace, type Place } from "../resolve/place.ts";
import type { NamedSchema, Schema } from "./schema.ts";

interface Named {
  readonly place: Place;
  readonly named: NamedSchema;
}

/**
 * Notes schemas that lead back to themselves with nothing in between, `a: { $ref: a }` for instance: no value is
 * described by them. A way through a property or an item is recursion, and fine.
 */
export function checkCircles(schemas: readonly Named[], problems: Problems): void {
  const places = new Map(schemas.map(({ named, place }) => [named, place]));
  const done = new Set<NamedSchema>();
  for (const { named } of schemas) {
    const circle = circleFrom(named, done);
    const [first] = circle;
    const place = first && places.get(first);
    if (!place) continue;
    const steps = [...circle, first].flatMap((step) => places.get(step) ?? []);
    problems.at(place, `it is defined by itself: ${steps.map(describePlace).join(" → ")}`);
  }
}

/** The first circle on the way from a schema, without recursion: a chain may be as long as a document. */
function circleFrom(start: NamedSchema, done: Set<NamedSchema>): readonly NamedSchema[] {
  const way: { readonly schema: NamedSchema; readonly next: NamedSchema[] }[] = [];
  const onWay = new Set<NamedSchema>();
  const enter = (schema: NamedSchema): void => {
    way.push({ schema, next: [...neighboursOf(schema.schema)] });
    onWay.add(schema);
  };
  if (!done.has(start)) enter(start);
  for (let step = way.at(-1); step; step = way.at(-1)) {
    const next = step.next.pop();
    if (!next) {
      done.add(step.schema);
      onWay.delete(step.schema);
      way.pop();
    } else if (onWay.has(next)) {
      const schemas = way.map(({ schema }) => schema);
      for (const schema of schemas) done.add(schema);
      return schemas.slice(schemas.indexOf(next));
    } else if (!done.has(next)) enter(next);
  }
  return [];
}

function* neighboursOf(schema: Schema): Generator<NamedSchema> {
  if (schema.kind === "reference") yield schema.target;
  if (schema.kind !== "union" && schema.kind !== "intersection") return;
  for (const member of schema.members) yield* neighboursOf(member);
}

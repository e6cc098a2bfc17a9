import { isRecord } from "@net/core";
import { formatPointer, type Path } from "./pointer.ts";

/** One parsed document. */
export interface Document {
  readonly url: URL;
  /** How messages call it: relative to where the first document lies. */
  readonly name: string;
  readonly root: unknown;
}

/** A value in a document, and where it stands there. */
export interface Place {
  readonly document: Document;
  readonly path: Path;
  readonly value: unknown;
}

/** The root of a document. */
export function rootOf(document: Document): Place {
  return { document, path: [], value: document.root };
}

/** The value under a key or index; undefined if there is none, or no container. */
export function childOf(place: Place, key: string | number): Place | undefined {
  const { document, path, value } = place;
  const token = String(key);
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, token)) return undefined;
  const child = (value as Record<string, unknown>)[token];
  return { document, path: [...path, token], value: child };
}

/** The entries of an object, in the document's order; none for what is no object. */
export function entriesOf(place: Place | undefined): readonly (readonly [string, Place])[] {
  if (!place || !isRecord(place.value)) return [];
  const { document, path, value } = place;
  return Object.entries(value).map(([key, child]) => [
    key,
    { document, path: [...path, key], value: child },
  ]);
}

/** The items of an array; none for what is no array. */
export function itemsOf(place: Place | undefined): readonly Place[] {
  if (!place || !Array.isArray(place.value)) return [];
  const { document, path, value } = place;
  return value.map((item: unknown, index) => ({
    document,
    path: [...path, String(index)],
    value: item,
  }));
}

/** The value under a key if it is a string that says something. */
export function stringAt(place: Place, key: string): string | undefined {
  const value = childOf(place, key)?.value;
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** True if the value under a key is `true`. */
export function isTrueAt(place: Place, key: string): boolean {
  return childOf(place, key)?.value === true;
}

/** The same for the same value of the same document. */
export function keyOf({ document, path }: Place): string {
  return document.url.href + formatPointer(path);
}

/** How messages call a place: `petstore.yaml#/paths/~1pets/get`. */
export function describePlace({ document, path }: Place): string {
  return document.name + formatPointer(path);
}

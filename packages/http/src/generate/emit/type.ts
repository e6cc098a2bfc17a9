/** A type as it is written. */
export type Type =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "array"; readonly element: Type }
  | { readonly kind: "tuple"; readonly elements: readonly TupleElement[] }
  | { readonly kind: "object"; readonly members: readonly Member[] }
  | { readonly kind: "union" | "intersection"; readonly types: readonly Type[] };

export interface TupleElement {
  readonly type: Type;
  readonly mark: "" | "?" | "...";
}

export interface Member {
  /** With its quotes and question mark, or an index signature's brackets. */
  readonly key: string;
  readonly type: Type;
  /** Lines of a doc comment. */
  readonly comment: readonly string[];
}

export function textType(text: string): Type {
  return { kind: "text", text };
}

/** A member without a comment. */
export function member(key: string, type: Type | string, comment: readonly string[] = []): Member {
  return { key, type: typeof type === "string" ? textType(type) : type, comment };
}

export function objectType(members: readonly Member[]): Type {
  return { kind: "object", members };
}

/** Any of these, on one level; the same text once. */
export function unionType(types: readonly Type[]): Type {
  const flat = types.flatMap((type) => (type.kind === "union" ? type.types : [type]));
  const texts = new Set<string>();
  const distinct = flat.filter((type) => {
    if (type.kind !== "text") return true;
    if (texts.has(type.text)) return false;
    texts.add(type.text);
    return true;
  });
  if (texts.has("unknown")) return textType("unknown");
  const [only] = distinct;
  return distinct.length === 1 && only ? only : { kind: "union", types: distinct };
}

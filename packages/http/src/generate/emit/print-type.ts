import { LINE_WIDTH } from "./text.ts";
import type { Member, TupleElement, Type } from "./type.ts";

// The layout is that of Prettier and Biome, so that a formatter leaves generated files as they are.

/** Where a type begins. */
export interface At {
  /** Of the line that it begins on. */
  readonly indent: number;
  /** How much of that line is used already. */
  readonly column: number;
  /** What follows on its last line, a semicolon at least. */
  readonly after?: number;
}

/** A type as text. Lines after the first carry their indentation. */
export function printType(type: Type, at: At): string {
  if (type.kind === "object" && type.members.length === 0) return "Record<never, never>";
  const line = onOneLine(type);
  if (line !== undefined && at.column + line.length + (at.after ?? 1) <= LINE_WIDTH) return line;
  return broken(type, at);
}

function broken(type: Type, at: At): string {
  switch (type.kind) {
    case "text":
      return type.text;
    case "object":
      return printObject(type.members, at.indent);
    case "array":
      return printArray(type.element, at);
    case "tuple":
      return printTuple(type.elements, at.indent);
    case "union":
      return printUnion(type.types, at);
    case "intersection":
      return printIntersection(type.types, at);
  }
}

/** A type without line breaks; undefined for what holds an object, which always has them. */
function onOneLine(type: Type): string | undefined {
  switch (type.kind) {
    case "text":
      return type.text;
    case "object":
      return undefined;
    case "array":
      return suffixed(onOneLine(parenthesized(type.element)), "[]");
    case "tuple":
      return listed(type.elements);
    case "union":
      return joined(type.types.map(onOneLine), " | ");
    case "intersection":
      return joined(
        type.types.map((part) => onOneLine(parenthesized(part))),
        " & ",
      );
  }
}

function joined(parts: readonly (string | undefined)[], separator: string): string | undefined {
  return parts.includes(undefined) ? undefined : parts.join(separator);
}

function suffixed(text: string | undefined, suffix: string): string | undefined {
  return text === undefined ? undefined : text + suffix;
}

function listed(elements: readonly TupleElement[]): string | undefined {
  const parts = elements.map(({ type, mark }) =>
    marked(onOneLine(parenthesizedIf(mark, type)), mark),
  );
  const text = joined(parts, ", ");
  return text === undefined ? undefined : `[${text}]`;
}

function marked(text: string | undefined, mark: TupleElement["mark"]): string | undefined {
  if (text === undefined) return undefined;
  return mark === "..." ? `...${text}[]` : text + mark;
}

function parenthesizedIf(mark: TupleElement["mark"], type: Type): Type {
  return mark === "" ? type : parenthesized(type);
}

/** The same, as one operand; only for one line. */
function parenthesized(type: Type): Type {
  if (type.kind !== "union" && type.kind !== "intersection") return type;
  const text = onOneLine(type);
  return text === undefined ? type : { kind: "text", text: `(${text})` };
}

function pad(indent: number): string {
  return " ".repeat(indent);
}

/** The members of an object or interface, with its braces. */
export function printObject(members: readonly Member[], indent: number): string {
  const lines = members.flatMap(({ key, type, comment }) => {
    const start = `${pad(indent + 2)}${key}:`;
    const text = printType(type, { indent: indent + 2, column: start.length + 1 });
    const gap = text.startsWith("\n") ? "" : " ";
    return [...comment.map((line) => pad(indent + 2) + line), `${start}${gap}${text};`];
  });
  return ["{", ...lines, `${pad(indent)}}`].join("\n");
}

function printArray(element: Type, at: At): string {
  if (element.kind !== "union" && element.kind !== "intersection") {
    return `${printType(element, { ...at, after: 3 })}[]`;
  }
  const hugged = element.kind === "intersection" || isHugged(element.types);
  // What does not fit with its brackets gets lines of its own, whether or not it would fit without them.
  const column = hugged ? at.column + 1 : LINE_WIDTH;
  const text = printType(element, { ...at, column, after: 4 });
  return text.startsWith("\n") ? `(${text}\n${pad(at.indent)})[]` : `(${text})[]`;
}

function printTuple(elements: readonly TupleElement[], indent: number): string {
  const lines = elements.map(({ type, mark }) => {
    const at = { indent: indent + 2, column: indent + 2, after: 3 };
    return `${pad(indent + 2)}${printElement(type, mark, at)},`;
  });
  return ["[", ...lines, `${pad(indent)}]`].join("\n");
}

function printElement(type: Type, mark: TupleElement["mark"], at: At): string {
  if (mark === "...") return `...${printType({ kind: "array", element: type }, at)}`;
  const text = printType(type, at);
  if (text.startsWith("\n")) return `(${text}\n${pad(at.indent)})${mark}`;
  const isPlain = mark === "" || (type.kind !== "union" && type.kind !== "intersection");
  return isPlain ? text + mark : `(${text})${mark}`;
}

/** One object, and null: they stay together. */
function isHugged(types: readonly Type[]): boolean {
  const objects = types.filter(({ kind }) => kind === "object");
  const nulls = types.filter((type) => type.kind === "text" && type.text === "null");
  return objects.length === 1 && nulls.length === types.length - 1;
}

function printUnion(types: readonly Type[], at: At): string {
  if (isHugged(types)) return types.map((type) => printType(type, at)).join(" | ");
  const indent = at.indent + 2;
  const lines = types.map((type) => {
    const inside = { indent: indent + 2, column: indent + 2, after: 1 };
    return `\n${pad(indent)}| ${printOperand(type, inside)}`;
  });
  return lines.join("");
}

function printOperand(type: Type, at: At): string {
  if (type.kind !== "union" && type.kind !== "intersection") return printType(type, at);
  return `(${printType(type, { ...at, column: at.column + 1, after: 2 })})`;
}

/** Objects are hugged; the rest goes on lines of its own. Objects are last, one as a rule. */
function printIntersection(types: readonly Type[], at: At): string {
  const [first, ...others] = types;
  if (!first) return "unknown";
  let text = printInIntersection(first, at);
  let previous = first;
  let indented = false;
  for (const [index, type] of others.entries()) {
    const objects = [previous, type].filter(({ kind }) => kind === "object").length;
    if (objects === 0) {
      const inside = { indent: at.indent + 2, column: at.indent + 2 };
      text += ` &\n${pad(inside.indent)}${printInIntersection(type, inside)}`;
    } else {
      if (objects === 1 && index > 0) indented = true;
      const inside = indented ? { ...at, indent: at.indent + 2 } : at;
      text += ` & ${printInIntersection(type, { ...inside, column: 0 })}`;
    }
    previous = type;
  }
  return text;
}

function printInIntersection(type: Type, at: At): string {
  if (type.kind !== "union") return printType(type, at);
  const text = printType(type, { ...at, column: at.column + 1, after: 3 });
  return text.startsWith("\n") ? `(${text}\n${pad(at.indent)})` : `(${text})`;
}

import { NetworkError, ValidationError } from "@net/core";
import type { CheckedLimits } from "../limits.ts";
import { documentError } from "../problems.ts";
import type { Document } from "../resolve/place.ts";
import { isRemote, nameOf } from "./location.ts";
import { type Parsed, parseText, type SyntaxProblem } from "./parse.ts";
import type { DocumentReader } from "./reader.ts";
import { referencesIn } from "./references.ts";

export interface LibraryOptions {
  readonly read: DocumentReader;
  readonly limits: CheckedLimits;
  /** Whether a `$ref` may be fetched over the network. */
  readonly allowRemoteRefs: boolean;
  /** The folder that files which a `$ref` names must lie under. */
  readonly refRoot: URL | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The first document and all that it refers to, read and parsed. */
export class Library {
  readonly first: Document;
  readonly #documents: ReadonlyMap<string, Document | string>;

  constructor(first: Document, documents: ReadonlyMap<string, Document | string>) {
    this.first = first;
    this.#documents = documents;
  }

  /** The document at a URL without its fragment, or in words why there is none. */
  get(url: URL): Document | string {
    return this.#documents.get(url.href) ?? "it was not read";
  }
}

/**
 * Reads a document and, round by round, the documents it refers to. A referred one that cannot be had is no error
 * yet: the reference may stand in an example.
 *
 * @throws NetworkError if the first document cannot be read, or is neither JSON nor YAML.
 */
export async function loadLibrary(url: URL, options: LibraryOptions): Promise<Library> {
  const first = await loadFirst(url, options);
  const documents = new Map<string, Document | string>([[url.href, first]]);
  const waiting = [first];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    for (const target of targetsOf(next)) {
      if (documents.has(target.href)) continue;
      const loaded =
        refusal(target, url, documents.size, options) ?? (await loadReferred(target, url, options));
      documents.set(target.href, loaded);
      if (typeof loaded !== "string") waiting.push(loaded);
    }
  }
  return new Library(first, documents);
}

async function loadFirst(url: URL, { read, limits, signal }: LibraryOptions): Promise<Document> {
  const name = nameOf(url, url);
  try {
    const text = await read(url, { maxBytes: limits.maxDocumentBytes, signal });
    return firstDocument(url, parseText(text, limits.timeout));
  } catch (error) {
    const isOurs = ValidationError.is(error) && error.issues.length === 0;
    throw isOurs ? documentError([{ message: `cannot read ${name}: ${error.message}` }]) : error;
  }
}

function firstDocument(url: URL, parsed: Parsed): Document {
  const name = nameOf(url, url);
  if ("value" in parsed) return { url, name, root: parsed.value };
  throw documentError(
    parsed.problems.map((problem) => ({ message: `${name}${inWords(problem)}` })),
  );
}

/** The documents that a document refers to. */
function targetsOf({ root, url }: Document): readonly URL[] {
  const targets = new Map<string, URL>();
  for (const reference of referencesIn(root)) {
    const target = URL.parse(reference, url.href);
    if (!target) continue;
    target.hash = "";
    targets.set(target.href, target);
  }
  return [...targets.values()];
}

/** Why a document that is referred to is not read; undefined if it may be. */
function refusal(
  target: URL,
  first: URL,
  documents: number,
  { limits, allowRemoteRefs }: LibraryOptions,
): string | undefined {
  if (!/^(https?|file):$/.test(target.protocol)) return `${target.protocol} cannot be read`;
  if (isRemote(target) && !allowRemoteRefs) {
    return "it lies on the network, and fetching references was not asked for (allowRemoteRefs)";
  }
  if (!isRemote(target) && isRemote(first)) return "a document from the network may not read files";
  if (documents < limits.maxDocuments) return undefined;
  return `more than ${limits.maxDocuments} documents are referred to`;
}

async function loadReferred(
  target: URL,
  first: URL,
  { read, limits, refRoot = new URL(".", first), signal }: LibraryOptions,
): Promise<Document | string> {
  const name = nameOf(target, first);
  const under = isRemote(target) ? undefined : refRoot;
  try {
    const text = await read(target, { maxBytes: limits.maxDocumentBytes, under, signal });
    const parsed = parseText(text, limits.timeout);
    if ("value" in parsed) return { url: target, name, root: parsed.value };
    return parsed.problems.map((problem) => name + inWords(problem)).join("; ");
  } catch (error) {
    if (!NetworkError.is(error) || error.code === "ABORTED") throw error;
    return error.message;
  }
}

function inWords({ message, line, column }: SyntaxProblem): string {
  return line === undefined ? `: ${message}` : `:${line}:${column}: ${message}`;
}

import { pathToFileURL } from "node:url";
import { emitFile } from "./emit/file.ts";
import { type CheckedLimits, checkedLimits, type Limits } from "./limits.ts";
import { type Library, loadLibrary } from "./load/library.ts";
import { locate } from "./load/location.ts";
import { type DocumentReader, readDocument } from "./load/reader.ts";
import type { Api } from "./model/api.ts";
import { readApi } from "./model/api-reader.ts";
import { OperationIds } from "./model/operation-ids.ts";
import { operationsOf } from "./model/operations.ts";
import { SchemaReader } from "./model/schema-reader.ts";
import { versionOf } from "./model/version.ts";
import { documentError, Problems } from "./problems.ts";
import { childOf, rootOf } from "./resolve/place.ts";
import { Resolver } from "./resolve/resolver.ts";
import { withinTime } from "./within-time.ts";

export interface GenerateOptions {
  /** Lets `$ref`s to other documents be fetched over the network. Default false. */
  readonly allowRemoteRefs?: boolean | undefined;
  /** The folder that files which a `$ref` names must lie under. Default: the document's own. */
  readonly refRoot?: string | undefined;
  /** What a document may cost. */
  readonly limits?: Limits | undefined;
  /** Where documents come from. Default: files, and http and https URLs. */
  readonly read?: DocumentReader | undefined;
  /** Gives up; it rejects with `AbortedError`. */
  readonly signal?: AbortSignal | undefined;
}

export interface GeneratedClient {
  /** A TypeScript module, the same for the same documents. It imports `@net/http` and nothing else. */
  readonly code: string;
  /** How many operations it has. */
  readonly operations: number;
  /** How many schemas became types. */
  readonly schemas: number;
}

/**
 * Writes a typed client for an OpenAPI 3.0 or 3.1 description, JSON or YAML, in a file or at an http(s) URL. Other
 * files that it refers to are read too; other URLs only with `allowRemoteRefs`.
 *
 * @throws ValidationError with one issue for each problem of the documents, its message naming document, JSON
 *   pointer and reason; another `NetworkError` if a URL cannot be fetched.
 * @example
 * ```ts
 * const { code } = await generateClient("openapi.yaml");
 * await writeFile("client.ts", code);
 * ```
 */
export async function generateClient(
  source: string | URL,
  options: GenerateOptions = {},
): Promise<GeneratedClient> {
  const limits = checkedLimits(options.limits);
  const library = await loadLibrary(locate(source), {
    read: options.read ?? readDocument,
    limits,
    allowRemoteRefs: options.allowRemoteRefs ?? false,
    refRoot: options.refRoot === undefined ? undefined : pathToFileURL(options.refRoot),
    signal: options.signal,
  });
  const made = withinTime(limits.timeout, () => clientOf(library, limits));
  if (made) return made.result;
  const message = `it takes more than ${limits.timeout} ms to make a client of it`;
  throw documentError([{ message: `${library.first.name}: ${message}` }]);
}

function clientOf(library: Library, limits: CheckedLimits): GeneratedClient {
  const api = modelOf(library, limits);
  return {
    code: emitFile(api, library.first.name),
    operations: api.paths.reduce((sum, { operations }) => sum + operations.length, 0),
    schemas: api.schemas.length,
  };
}

function modelOf(library: Library, limits: CheckedLimits): Api {
  const version = versionOf(library.first);
  const problems = new Problems();
  const resolver = new Resolver(library, problems);
  const url = library.first.url;
  const options = { resolver, problems, limits, url, refsStandAlone: version === "3.0" };
  const reader = new SchemaReader(options);
  const root = rootOf(library.first);
  const ids = new OperationIds(problems);
  for (const operation of operationsOf(reader, childOf(root, "paths"))) ids.claim(operation);
  const api = readApi(reader, root, ids);
  problems.throwIfAny();
  return api;
}

/**
 * `@net/http/generate`: typed clients from OpenAPI descriptions, as files of TypeScript. For Node, at build time.
 *
 * @module
 */

export { main, type Terminal } from "./command/main.ts";
export { type GeneratedClient, type GenerateOptions, generateClient } from "./generate.ts";
export type { Limits } from "./limits.ts";
export type { DocumentReader, ReadOptions } from "./load/reader.ts";

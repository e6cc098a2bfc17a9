import type { Docs, NamedSchema, Schema } from "./schema.ts";

/** An OpenAPI description as the emitter needs it: every reference followed, every default filled in. */
export interface Api {
  readonly title: string;
  readonly version: string;
  /** The `openapi` field. */
  readonly openapi: string;
  /** The servers' URLs, their variables replaced by defaults. */
  readonly servers: readonly string[];
  readonly schemas: readonly NamedSchema[];
  readonly paths: readonly ApiPath[];
}

export interface ApiPath {
  /** As in the document: `/pets/{id}`. */
  readonly template: string;
  readonly operations: readonly Operation[];
}

export const methods = [
  "get",
  "put",
  "post",
  "delete",
  "options",
  "head",
  "patch",
  "trace",
] as const;
export type Method = (typeof methods)[number];

export const locations = ["query", "header", "path", "cookie"] as const;
export type Location = (typeof locations)[number];

export interface Operation {
  readonly id: string;
  readonly method: Method;
  readonly docs: Docs;
  readonly parameters: readonly Parameter[];
  readonly body: Body | undefined;
  readonly responses: readonly Response[];
}

export interface Parameter extends ParameterForm {
  readonly name: string;
  readonly in: Location;
  readonly required: boolean;
  readonly schema: Schema;
  readonly docs: Docs;
}

/** How a parameter is written where that is not as usual for its place. */
export interface ParameterForm {
  readonly style?: string | undefined;
  readonly explode?: boolean | undefined;
  readonly allowReserved?: boolean | undefined;
  /** The media type of its value, where it is described by `content`. */
  readonly contentType?: string | undefined;
}

export interface Body {
  readonly required: boolean;
  readonly docs: Docs;
  readonly content: readonly Content[];
}

/** One media type that a body may have. */
export interface Content {
  readonly type: string;
  readonly schema: Schema;
  /** How fields of a form are written, where that is not as usual. */
  readonly encoding: ReadonlyMap<string, ParameterForm>;
}

export interface Response {
  /** `200`, `2XX` or `default`. */
  readonly status: string;
  readonly docs: Docs;
  readonly headers: readonly Header[];
  readonly content: readonly Content[];
}

export interface Header {
  readonly name: string;
  readonly required: boolean;
  readonly schema: Schema;
  readonly docs: Docs;
}

/** Where a parameter goes. */
export type ParameterLocation = "path" | "query" | "header" | "cookie";

/** How a parameter, or a field of a form, is written where that is not as usual for its place. */
export interface ParameterForm {
  /** `simple`, `label`, `matrix`, `form`, `spaceDelimited`, `pipeDelimited` or `deepObject`. */
  readonly style?: string;
  /** Whether each item of an array, or property of an object, is written for itself. */
  readonly explode?: boolean;
  /** Whether characters that mean something in URLs stay as they are. */
  readonly allowReserved?: boolean;
  /** The media type that its value is written in. */
  readonly contentType?: string;
}

/** Forms by name. */
export type ParameterForms = Readonly<Record<string, ParameterForm>>;

/** What types do not tell of an operation while a client runs. What is left out is as usual. */
export interface OperationDescription {
  /** In capitals. */
  readonly method: string;
  readonly path: string;
  readonly parameters?: Readonly<Partial<Record<ParameterLocation, ParameterForms>>>;
  /** The media types of the request's body; left out for JSON alone. */
  readonly body?: readonly string[];
  /** How fields of a form are written, by the form's media type. */
  readonly encoding?: Readonly<Record<string, ParameterForms>>;
  /** The media types of good answers; left out for JSON alone. */
  readonly accept?: readonly string[];
}

/** What types do not tell of an API while a client runs; `npx @net/http generate` writes it. */
export interface ApiDescription {
  /** The URLs that the document names, for a `baseUrl`. */
  readonly servers: readonly string[];
  /** By operation id. */
  readonly operations: Readonly<Record<string, OperationDescription>>;
}

// What a call of an operation takes, worked out from the types that `npx @net/http generate` (or openapi-typescript) writes.

/** The names of an object's properties that must be there. */
type RequiredKeys<T> = {
  [Key in keyof T]-?: Record<never, never> extends Pick<T, Key> ? never : Key;
}[keyof T];

/** True for what describes nothing. */
export type IsNever<T> = [T] extends [never] ? true : false;

/** The only member of a union; never for several. */
type Single<T, Whole = T> = T extends Whole ? ([Whole] extends [T] ? T : never) : never;

export type HttpMethod = "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace";

/** The paths that have a method. */
export type PathsWith<Paths, Method extends HttpMethod> = {
  [Path in keyof Paths]: Paths[Path] extends { readonly [Key in Method]: object } ? Path : never;
}[keyof Paths];

/** The operation of a path and a method. */
export type ApiOperationOf<
  Paths,
  Path extends keyof Paths,
  Method,
> = Method extends keyof Paths[Path] ? Paths[Path][Method] : never;

/** The media types of a body or answer, with what each holds. */
type ContentOf<Part> = [NonNullable<Part>] extends [never]
  ? never
  : NonNullable<Part> extends { readonly content: infer Content }
    ? Content
    : never;

/** The media type that is meant where none is named: JSON if it is among them, else the only one. */
type UsualType<Content> = "application/json" extends keyof Content
  ? "application/json"
  : Single<keyof Content>;

type ApiParametersInit<Operation> = Operation extends { readonly parameters: infer Parameters }
  ? IsNever<RequiredKeys<Parameters>> extends true
    ? { readonly params?: Parameters | undefined }
    : { readonly params: Parameters }
  : { readonly params?: undefined };

type FormOf<Type> = Type extends `multipart/${string}`
  ? FormData
  : Type extends `application/x-www-form-urlencoded${string}`
    ? URLSearchParams
    : never;

type BodyChoice<Content> = {
  [Type in keyof Content]: [Type] extends [UsualType<Content>]
    ? {
        readonly body: Content[Type] | FormOf<Type>;
        /** The body's media type. */
        readonly contentType?: Type | undefined;
      }
    : { readonly body: Content[Type] | FormOf<Type>; readonly contentType: Type };
}[keyof Content];

interface NoBody {
  readonly body?: undefined;
  readonly contentType?: undefined;
}

type RequestBody<Operation> = Operation extends { readonly requestBody?: infer Body }
  ? Body
  : never;

type ApiBodyInit<Operation> =
  IsNever<ContentOf<RequestBody<Operation>>> extends true
    ? NoBody
    : Operation extends { readonly requestBody: object }
      ? BodyChoice<ContentOf<RequestBody<Operation>>>
      : BodyChoice<ContentOf<RequestBody<Operation>>> | NoBody;

/** What every call may say for itself. */
export interface ApiCallOptions {
  /** Added to those that parameters become; the same name replaces. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** For the whole call with its retries, in ms. Default: the HTTP client's. */
  readonly timeout?: number | undefined;
  /** Gives up the call; it rejects with `AbortedError`. */
  readonly signal?: AbortSignal | undefined;
  /** Sent as `Idempotency-Key`, so that also a `POST` may be tried again; true makes one up. */
  readonly idempotencyKey?: true | string | undefined;
}

/** What a call of an operation takes. */
export type ApiInit<Operation> = ApiParametersInit<Operation> &
  ApiBodyInit<Operation> &
  ApiCallOptions;

/** The same as an argument, which may be left out where nothing in it must be there. */
export type ApiInitArguments<Operation> =
  IsNever<RequiredKeys<ApiInit<Operation>>> extends true
    ? [init?: ApiInit<Operation>]
    : [init: ApiInit<Operation>];

/** The answers of an operation by status. */
export type ApiResponsesOf<Operation> = Operation extends { readonly responses: infer Responses }
  ? Responses
  : Record<never, never>;

/** The media types of one answer. */
export type ResponseContent<Response> = Response extends { readonly content?: infer Content }
  ? NonNullable<Content>
  : never;

export type { UsualType };

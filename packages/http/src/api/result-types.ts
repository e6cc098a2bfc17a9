import type { ApiEvents } from "./events.ts";
import type { ApiAnswer } from "./http.ts";
import type { ApiResponsesOf, IsNever, ResponseContent, UsualType } from "./operation-types.ts";

type GoodDigits = `2${string}`;

/** The statuses of a description that mean that all is well: 200 to 299 and `2XX`; `default` if there is none of these. */
type GoodStatus<Responses> =
  IsNever<NamedGoodStatus<Responses>> extends true
    ? Extract<keyof Responses, "default">
    : NamedGoodStatus<Responses>;

type NamedGoodStatus<Responses> = {
  [Status in keyof Responses]: `${Status & (string | number)}` extends GoodDigits ? Status : never;
}[keyof Responses];

/** `default` speaks for failures too, unless all of them are named. */
type BadStatus<Responses> = Exclude<keyof Responses, NamedGoodStatus<Responses>>;

/** The media types that good answers of an operation may have. */
export type AcceptableType<Operation> = {
  [Status in GoodStatus<ApiResponsesOf<Operation>>]: keyof ResponseContent<
    ApiResponsesOf<Operation>[Status]
  >;
}[GoodStatus<ApiResponsesOf<Operation>>];

/** What an answer holds: of the media type that was asked for, else of the usual one, else of any. */
type Held<Content, Accept> =
  IsNever<Content> extends true
    ? undefined
    : IsNever<Extract<keyof Content, Accept>> extends false
      ? Decoded<Content, Extract<keyof Content, Accept>>
      : IsNever<UsualType<Content>> extends false
        ? Decoded<Content, UsualType<Content>>
        : Decoded<Content, keyof Content>;

type Decoded<Content, Type> = {
  [Key in keyof Content]: Key extends `text/event-stream${string}`
    ? ApiEvents<Content[Key]>
    : Content[Key];
}[Type & keyof Content];

type StatusNumber<Status> = Status extends number ? Status : number;

interface Answered<Status> {
  readonly status: Status;
  readonly response: ApiAnswer;
}

/** An answer of 200 to 299. */
export interface ApiSuccess<Data, Status = number> extends Answered<Status> {
  readonly ok: true;
  readonly data: Data;
  readonly error?: undefined;
}

/** Any other answer. */
export interface ApiFailure<Failure, Status = number> extends Answered<Status> {
  readonly ok: false;
  readonly data?: undefined;
  readonly error: Failure;
}

type ApiSuccesses<Responses, Accept> =
  IsNever<GoodStatus<Responses>> extends true
    ? ApiSuccess<unknown>
    : {
        [Status in GoodStatus<Responses>]: ApiSuccess<
          Held<ResponseContent<Responses[Status]>, Accept>,
          StatusNumber<Status>
        >;
      }[GoodStatus<Responses>];

type ApiFailures<Responses> =
  IsNever<BadStatus<Responses>> extends true
    ? ApiFailure<unknown>
    : {
        [Status in BadStatus<Responses>]: ApiFailure<
          Held<ResponseContent<Responses[Status]>, never>,
          StatusNumber<Status>
        >;
      }[BadStatus<Responses>];

/**
 * What a call gives: `data` of an answer from 200 to 299, else `error`, as the description says. `ok` and `status`
 * tell which; a server that answers what it does not describe makes `data` or `error` something else.
 */
export type ApiResult<Operation, Accept = never> =
  | ApiSuccesses<ApiResponsesOf<Operation>, Accept>
  | ApiFailures<ApiResponsesOf<Operation>>;

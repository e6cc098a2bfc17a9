import type { SerializedError } from "@net/core";

// What the coordinator and its processes say to each other over the IPC channel.

/** The methods a process offers: one parameter, one result. */
export type Methods<M> = { readonly [Name in keyof M]: (params: never) => unknown };

export interface Request {
  readonly kind: "request";
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

export interface Response {
  readonly kind: "response";
  readonly id: number;
  readonly value?: unknown;
  readonly error?: SerializedError;
}

/** Something that happened, told without being asked. */
export interface Notice {
  readonly kind: "notice";
  readonly name: string;
  readonly data: unknown;
}

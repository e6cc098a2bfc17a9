import { isRecord, ProtocolError } from "@net/core";
import type { Agent, Login, User } from "../network-interface.ts";
import type { Answer } from "./http-api.ts";

// What the server's answers must hold. A server that answers otherwise is told apart from our own mistakes.

export function userFrom(value: unknown): User {
  const { id, username } = record(value, "a user");
  return { id: text(id, "a user's id"), username: text(username, "a username") };
}

export function usersFrom(value: unknown): readonly User[] {
  return list(value, "a list of users").map(userFrom);
}

export function agentsFrom(value: unknown): readonly Agent[] {
  return list(value, "a list of agents").map((item) => {
    const { name, description, type } = record(item, "an agent");
    return {
      name: text(name, "an agent's name"),
      description: text(description, "an agent's description"),
      type: text(type, "an agent's type"),
    };
  });
}

export function loginFrom({ token, user, device, expiresAtMs }: Answer): {
  readonly token: string;
  readonly login: Login;
} {
  const login = {
    user: userFrom(user),
    device: text(device, "a device"),
    expiresAtMs: time(expiresAtMs, "expiresAtMs"),
  };
  return { token: text(token, "a token"), login };
}

export function friendStateFrom({ state }: Answer): "requested" | "accepted" {
  if (state === "requested" || state === "accepted") return state;
  throw missing("the state of a friend request");
}

export function sentAtMsFrom({ sentAtMs }: Answer): number {
  return time(sentAtMs, "sentAtMs");
}

function record(value: unknown, what: string): Answer {
  if (isRecord(value)) return value;
  throw missing(what);
}

function list(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw missing(what);
}

function text(value: unknown, what: string): string {
  if (typeof value === "string") return value;
  throw missing(what);
}

function time(value: unknown, what: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw missing(what);
}

function missing(what: string): ProtocolError {
  return new ProtocolError(`the server's answer lacks ${what}: is it a net server?`);
}

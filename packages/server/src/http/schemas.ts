import { messageTypes } from "../messages/message.ts";
import type { JsonSchema } from "./route.ts";

// What a client may send, as JSON Schema: checked before a handler runs.

/** Passwords longer than this are not even hashed; the rule for new ones is with the passwords. */
const MAX_PASSWORD_INPUT = 1024;
const MAX_AGENTS = 64;
const MAX_DESCRIPTION = 1000;

const username: JsonSchema = {
  type: "string",
  pattern: "^[a-z0-9][a-z0-9._-]{1,30}[a-z0-9]$",
  description:
    "3 to 32 characters of a-z, 0-9, dot, dash and underscore, with a letter or digit at both ends",
};
const name: JsonSchema = {
  type: "string",
  pattern: "^[A-Za-z0-9._-]{1,64}$",
  description: "1 to 64 characters of A-Z, a-z, 0-9, dot, dash and underscore",
};
const messageId: JsonSchema = {
  type: "string",
  pattern: "^[A-Za-z0-9._:-]{1,64}$",
  description: "1 to 64 characters of A-Z, a-z, 0-9, dot, colon, dash and underscore",
};
const password: JsonSchema = { type: "string", maxLength: MAX_PASSWORD_INPUT };
const agentAddress: JsonSchema = record({ agent: name });

export const signupBody: JsonSchema = record({ username, password });

/** Any name may be tried: one that cannot exist is answered like one that does not. */
export const loginBody: JsonSchema = record(
  { username: { type: "string", maxLength: 64 }, password },
  { device: name },
);

export const agentsBody: JsonSchema = record({
  agents: {
    type: "array",
    maxItems: MAX_AGENTS,
    items: record({
      name,
      description: { type: "string", maxLength: MAX_DESCRIPTION },
      type: name,
    }),
  },
});

export const messageBody: JsonSchema = record(
  { id: messageId, to: agentAddress, type: { enum: messageTypes }, text: { type: "string" } },
  { from: agentAddress },
);

/** An object with exactly these fields. */
function record(
  required: Readonly<Record<string, JsonSchema>>,
  optional: Readonly<Record<string, JsonSchema>> = {},
): JsonSchema {
  return {
    type: "object",
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  };
}

import { expect, test } from "vitest";
import { isShared } from "../../src/session/server/agreement.ts";
import type { Hello } from "../../src/session/wire/envelope.ts";

/** Two ends of one past: 4 of the client's messages exist and 2 are acknowledged, 7 of the server's and 5 are. */
const hello: Hello = {
  kind: "hello",
  version: 2,
  session: "laptop",
  epoch: "e",
  acked: 2,
  head: 4,
  cursor: 6,
  received: 7,
  windowMessages: 1,
  windowBytes: 1,
  maxMessageBytes: 1,
  pingMs: 10,
};
const stored = { epoch: "e", cursor: 3, acked: 5, head: 7 };

test("ends whose memories fit are resumed", () => {
  expect(isShared(hello, stored)).toBe(true);
});

test.each([
  { what: "the client has another epoch", hello: { epoch: "f" } },
  { what: "the client has none", hello: { epoch: "" }, stored: { epoch: "" } },
  { what: "the client forgot what it had committed", hello: { cursor: 4 } },
  { what: "the client received what the server has not sent", hello: { received: 8 } },
  { what: "the server forgot what it had committed", stored: { cursor: 1 } },
  { what: "the server committed what the client has not", stored: { cursor: 5 } },
])("not resumed: $what", ({ hello: theirs = {}, stored: ours = {} }) => {
  expect(isShared({ ...hello, ...theirs }, { ...stored, ...ours })).toBe(false);
});

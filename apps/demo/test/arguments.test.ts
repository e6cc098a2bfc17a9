import { ValidationError } from "@net/core";
import { expect, test } from "vitest";
import { parseCommand } from "../src/arguments.ts";

test.each([
  [[], { kind: "tour", once: false, json: false }],
  [["--once", "--json"], { kind: "tour", once: true, json: true }],
  [["--file", "a b.txt"], { kind: "tour", file: "a b.txt" }],
  [["--listen", "0.0.0.0:9000"], { kind: "tour", listen: { host: "0.0.0.0", port: 9000 } }],
  [["--listen", "[::1]:0"], { kind: "tour", listen: { host: "::1", port: 0 } }],
  [["-h"], { kind: "help" }],
  [
    ["node", "--name", "laptop", "--join", "10.0.0.2:80", "--token", "t"],
    { kind: "node", name: "laptop", join: { host: "10.0.0.2", port: 80 }, token: "t" },
  ],
])("%j is understood", (args, command) => {
  expect(parseCommand(args)).toMatchObject(command);
});

test.each([
  [["--listen", "9000"], /host:port.*not "9000"/],
  [["--listen", "a:70000"], /host:port/],
  [["--listen", "::1:80"], /host:port/],
  [["--verbose"], /--verbose/],
  [["dance"], /"dance" is no command/],
  [["node", "extra"], /"extra" is no command/],
  [["node", "--name", "x"], /needs --name, --join and --token/],
  [["--token", "t"], /--token goes with `demo node`/],
  [["--json"], /add --once/],
])("%j is refused with what would be right", (args, words) => {
  expect(() => parseCommand(args)).toThrow(ValidationError);
  expect(() => parseCommand(args)).toThrow(words);
});

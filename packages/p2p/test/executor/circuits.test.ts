import { ConnectionError, NetworkError, OverloadedError, RemoteError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { Circuits, report } from "../../src/executor/circuits.ts";
import { failure, type Outcome, success } from "../../src/tools/outcome.ts";

const outcomes: readonly [string, Outcome, opens: boolean][] = [
  ["a result", success(1), false],
  ["a tool's failure", failure("failed", new RemoteError("x")), false],
  ["a busy answer", failure("not-run", new OverloadedError("x")), false],
  ["wrong arguments", failure("not-run", new NetworkError("INVALID_ARGUMENT", "x")), false],
  ["a caller that gave up", failure("given-up", new NetworkError("ABORTED", "x")), false],
  ["a lost call", failure("lost", new ConnectionError("x")), true],
  ["no way there", failure("not-run", new NetworkError("NO_ROUTE", "x")), true],
];

test.each(outcomes)("%s: is it held against the peer?", (_what, outcome, opens) => {
  const circuits = new Circuits({ clock: new FakeClock(), minimumCalls: 3 });
  for (let call = 0; call < 3; call++) {
    const permit = circuits.enter("a");
    if (permit) report(permit, outcome);
  }

  expect([...circuits.states()]).toEqual([["a", opens ? "open" : "closed"]]);
  expect(circuits.enter("a") === undefined).toBe(opens);
  expect(circuits.state("b")).toBe("closed");
});

test("no more peers are remembered than 4096", () => {
  const circuits = new Circuits({ clock: new FakeClock() });
  for (let peer = 0; peer < 4_100; peer++) circuits.enter(`peer ${peer}`);

  expect([...circuits.states()]).toHaveLength(4_096);
});

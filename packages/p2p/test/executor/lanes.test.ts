import { NetworkError } from "@net/core";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { type LaneEnd, Lanes } from "../../src/executor/lanes.ts";

const never = new AbortController().signal;

function won(value: unknown): LaneEnd {
  return { ok: true, execution: { value, executedOn: "x", attempts: 1 } };
}

function failed(message: string, final = false): LaneEnd {
  return { ok: false, error: new NetworkError("UNREACHABLE", message), final };
}

test("the first that has a result wins; what fails before does not count", async () => {
  using lanes = new Lanes(never);
  const slow = Promise.withResolvers<LaneEnd>();
  lanes.open(async () => failed("a", true));
  lanes.open(() => slow.promise);
  lanes.open(() => new Promise(() => {}));
  slow.resolve(won(1));

  expect(await lanes.result).toEqual(won(1));
});

test.each([
  { ends: [failed("a"), failed("b")], told: "a" },
  { ends: [failed("a"), failed("b", true)], told: "b" },
])(
  "when all have failed a last word is told, else what came first: $told",
  async ({ ends, told }) => {
    using lanes = new Lanes(never);
    for (const end of ends) lanes.open(async () => end);

    expect(await lanes.result).toMatchObject({ error: { message: told } });
  },
);

test("a lane that throws has failed for good", async () => {
  using lanes = new Lanes(never);
  lanes.open(() => Promise.reject(new NetworkError("ABORTED", "x")));

  expect(await lanes.result).toMatchObject({ final: true, error: { code: "ABORTED" } });
});

test("disposing of them cancels those that are open, and lets none be opened", async () => {
  const controller = new AbortController();
  let opened = 0;
  const lanes = new Lanes(controller.signal);
  lanes.open(() => new Promise(() => {}));
  lanes[Symbol.dispose]();
  lanes.open(async () => won(++opened));
  await settle();

  expect(lanes.signal.reason).toMatchObject({ message: "another peer answered first" });
  expect(opened).toBe(0);
});

test("they are cancelled with their caller", () => {
  const controller = new AbortController();
  using lanes = new Lanes(controller.signal);
  controller.abort("enough");

  expect(lanes.signal.reason).toBe("enough");
});

import { type NetworkError, ValidationError } from "@net/core";
import {
  assertKnown,
  assertOptions,
  assertRequired,
  assertValue,
  callable,
  flag,
  invalid,
  type Rules,
  readElsewhere,
  text,
} from "@net/core/options";
import { expect, test } from "vitest";

interface BoatOptions {
  readonly name: string;
  readonly hasSail?: boolean;
  readonly onArrival?: () => void;
  readonly speed?: number;
}

const rules: Rules<BoatOptions> = {
  ...{ name: text, hasSail: flag, onArrival: callable, speed: readElsewhere },
};

function refusal(act: () => void): NetworkError | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return error as NetworkError;
  }
}

test("what is right passes, and so does what is undefined", () => {
  const given = { name: "Argo", hasSail: false, onArrival: undefined, speed: "checked elsewhere" };

  expect(refusal(() => assertOptions(given, rules, "a boat"))).toBeUndefined();
  expect(refusal(() => assertOptions({}, rules, "a boat"))).toBeUndefined();
});

test.each<[string, unknown]>([
  ["a boat must be an object", undefined],
  ["a boat must be an object", null],
  ["a boat must be an object", []],
  ["a boat must be an object", () => {}],
  ["a boat has no option sails: there are name, hasSail, onArrival, speed", { sails: 2 }],
  ["a boat has no option hasSial: did you mean hasSail?", { hasSial: true }],
  ["a boat has no option toString: there are name,", { toString: () => "Argo" }],
  ["a boat.name must be a text that is not empty", { name: "" }],
  ["a boat.hasSail must be true or false", { name: "Argo", hasSail: null }],
  ["a boat.onArrival must be a function", { name: "Argo", onArrival: "anchor" }],
])("%s, where the options are %j", (message, given) => {
  const error = refusal(() => assertOptions(given, rules, "a boat"));

  expect(error).toBeInstanceOf(ValidationError);
  expect(error?.message).toContain(message);
});

test("the error calls an option as it is told to", () => {
  const check = (nameOf: (option: string) => string) =>
    refusal(() => assertOptions({ hasSail: 5 }, rules, "a boat", nameOf))?.message;

  expect(check((name) => name)).toBe("hasSail must be true or false");
  expect(check((name) => `${name} of Argo`)).toBe("hasSail of Argo must be true or false");
});

test("the error's issues say which option it is, for programs", () => {
  const wrong = refusal(() => assertOptions({ hasSail: 5 }, rules, "boat"));
  const unknown = refusal(() => assertKnown({ hasSial: 5 }, rules, "boat"));
  const missing = refusal(() => assertRequired({}, rules, ["name"], "a boat"));

  expect(wrong).toMatchObject({
    issues: [{ message: "must be true or false", path: ["boat.hasSail"] }],
  });
  expect(unknown).toMatchObject({
    issues: [{ message: "did you mean hasSail?", path: ["hasSial"] }],
  });
  expect(missing).toMatchObject({
    issues: [{ message: "must be a text that is not empty", path: ["name"] }],
  });
});

test("an error does not repeat what it refuses, which may be a secret", () => {
  const error = refusal(() => assertOptions({ name: ["hunter2"] }, rules, "a boat"));

  expect(JSON.stringify(error)).not.toContain("hunter2");
  expect(invalid("token", "a text").message).toBe("token must be a text");
});

test("what has no default must be given, and the error says what it is", () => {
  const check = (given: object) =>
    refusal(() => assertRequired(given, rules, ["name", "onArrival"], "a boat"))?.message;

  expect(check({ name: "Argo", onArrival: () => {} })).toBeUndefined();
  expect(check({ onArrival: () => {} })).toBe(
    "a boat needs the option name: a text that is not empty",
  );
  expect(check({ name: "Argo", onArrival: undefined })).toBe(
    "a boat needs the option onArrival: a function",
  );
});

test("one value is held to a rule, and undefined is a value", () => {
  expect(refusal(() => assertValue("Argo", text, "the boat"))).toBeUndefined();
  expect(refusal(() => assertValue(undefined, text, "the boat"))).toMatchObject({
    ...{ code: "INVALID_ARGUMENT", message: "the boat must be a text that is not empty" },
  });
});

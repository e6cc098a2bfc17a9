import { type Schema, silentLogger, ValidationError, validate, validateEagerly } from "@net/core";
import { expect, test } from "vitest";

/** What any Standard Schema library makes, by hand. */
const port: Schema<number> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: async (value) =>
      Number.isInteger(Number(value))
        ? { value: Number(value) }
        : {
            issues: [{ message: "must be a number", path: ["peers", { key: 0 }, Symbol("port")] }],
          },
  },
};

test("gives the value as the schema converts it", async () => {
  expect(await validate(port, "80", "the port")).toBe(80);
});

test("a fault is a ValidationError that says what and where", async () => {
  await expect(validate(port, "x", "the options")).rejects.toSatisfy(
    (error) =>
      ValidationError.is(error) &&
      error.message === "the options: peers.0.Symbol(port): must be a number" &&
      error.issues[0]?.path?.[1] === 0,
  );
});

test("the silent logger is a whole logger", () => {
  silentLogger.child({ a: 1 }).info({ b: 2 }, "words");
  expect(silentLogger.child({})).toBe(silentLogger);
});

test("a schema that does not wait is checked without a promise", async () => {
  const even: Schema<number> = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) =>
        Number(value) % 2 === 0 ? { value: Number(value) } : { issues: [{ message: "is odd" }] },
    },
  };

  expect(validateEagerly(even, 4, "the number")).toBe(4);
  expect(() => validateEagerly(even, 3, "the number")).toThrow("the number: is odd");
  await expect(validateEagerly(port, 80, "the port")).resolves.toBe(80);
});

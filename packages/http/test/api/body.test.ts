import { describe, expect, test } from "vitest";
import { encodeApiBody } from "../../src/api/body.ts";

const forms = "application/x-www-form-urlencoded";
const multipart = "multipart/form-data";

/** The parts of a multipart body: text as it is, files with name and type. */
async function partsOf(value: unknown, encoding = {}): Promise<unknown[]> {
  const body = encodeApiBody(value, multipart, { encoding: { [multipart]: encoding } });
  const data = body?.options.body as FormData;
  const parts = [...data].map(async ([name, part]) =>
    typeof part === "string" ? [name, part] : [name, await part.text(), part.type, part.name],
  );
  return Promise.all(parts);
}

describe("the media type", () => {
  test("is JSON where that is among them, else the only one", () => {
    expect(encodeApiBody({ a: 1 }, undefined)).toEqual({ options: { json: { a: 1 } } });
    expect(
      encodeApiBody({ a: 1 }, undefined, { body: ["text/plain", "application/json"] }),
    ).toEqual({
      options: { json: { a: 1 } },
    });
    expect(encodeApiBody("a", undefined, { body: ["text/plain"] })).toEqual({
      type: "text/plain",
      options: { body: "a" },
    });
  });

  test("must be named where there are several, and none is JSON", () => {
    expect(() => encodeApiBody("a", undefined, { body: ["text/plain", "text/csv"] })).toThrow(
      "the body may be text/plain, text/csv: name one with contentType",
    );
  });

  test("is sent as it is said where it is a kind of JSON", () => {
    expect(encodeApiBody({ a: 1 }, "application/merge-patch+json")).toEqual({
      type: "application/merge-patch+json",
      options: { json: { a: 1 } },
    });
  });

  test("of nothing is none", () => {
    expect(encodeApiBody(undefined, "text/plain")).toBeUndefined();
  });
});

describe("a form", () => {
  test("is written like a query, each field in its style", () => {
    const body = encodeApiBody({ a: "b c&d", tags: [1, 2], csv: ["x", "y"] }, forms, {
      encoding: { [forms]: { csv: { explode: false } } },
    });

    expect(String(body?.options.body)).toBe("a=b+c%26d&tags=1&tags=2&csv=x%2Cy");
  });

  test("may be given ready", () => {
    const ready = new URLSearchParams({ a: "b" });

    expect(encodeApiBody(ready, forms)?.options.body).toBe(ready);
  });

  test("must have fields", () => {
    expect(() => encodeApiBody("a=b", forms)).toThrow(
      `a body of ${forms} must be an object of fields`,
    );
  });
});

describe("a multipart form", () => {
  test("has text, files, JSON for objects, and several parts for lists", async () => {
    const file = new File(["f"], "f.txt", { type: "text/plain" });

    expect(
      await partsOf({
        a: "b",
        n: 1,
        list: ["x", "y"],
        object: { c: 2 },
        bytes: new Uint8Array([65]),
        file,
        none: undefined,
      }),
    ).toEqual([
      ["a", "b"],
      ["n", "1"],
      ["list", "x"],
      ["list", "y"],
      ["object", '{"c":2}', "application/json", ""],
      ["bytes", "A", "", "bytes"],
      ["file", "f", "text/plain", "f.txt"],
    ]);
  });

  test("has parts of the media types that the description says, but no wildcards", async () => {
    const encoding = { csv: { contentType: "text/csv" }, image: { contentType: "image/*" } };

    expect(await partsOf({ csv: "a,b", image: new Uint8Array([65]) }, encoding)).toEqual([
      ["csv", "a,b", "text/csv", ""],
      ["image", "A", "", "image"],
    ]);
  });

  test("may be given ready", () => {
    const ready = new FormData();

    expect(encodeApiBody(ready, multipart)?.options.body).toBe(ready);
  });
});

test("text and bytes go as they are, and nothing else does", () => {
  const bytes = new Uint8Array([1]);

  expect(encodeApiBody("<a/>", "application/xml")).toEqual({
    type: "application/xml",
    options: { body: "<a/>" },
  });
  expect(encodeApiBody(bytes, "image/*")).toEqual({ options: { body: bytes } });
  expect(() => encodeApiBody({}, "application/xml")).toThrow(
    "a body of application/xml must be a string, bytes or a Blob",
  );
});

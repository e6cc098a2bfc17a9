import { describe, expect, test } from "vitest";
import type { ParameterForm } from "../../src/api/description.ts";
import { formatCookies, formatHeaders } from "../../src/api/header-parameters.ts";
import { expandPath } from "../../src/api/path.ts";
import { formatQuery } from "../../src/api/query.ts";

const list = ["blue", "black", "brown"];
const object = { R: 100, G: 200, B: 150 };

function path(value: unknown, form: ParameterForm = {}): string {
  return expandPath("/{color}", { color: value }, { color: form }).slice(1);
}

function query(value: unknown, form: ParameterForm = {}): string {
  return formatQuery({ color: value }, { color: form });
}

describe("the examples of the specification (OpenAPI 3.1.1, style examples)", () => {
  test.each<[ParameterForm, string, string, string]>([
    [{}, "blue", "blue,black,brown", "R,100,G,200,B,150"],
    [{ explode: true }, "blue", "blue,black,brown", "R=100,G=200,B=150"],
    [{ style: "label" }, ".blue", ".blue,black,brown", ".R,100,G,200,B,150"],
    [{ style: "label", explode: true }, ".blue", ".blue.black.brown", ".R=100.G=200.B=150"],
    [{ style: "matrix" }, ";color=blue", ";color=blue,black,brown", ";color=R,100,G,200,B,150"],
    [
      { style: "matrix", explode: true },
      ";color=blue",
      ";color=blue;color=black;color=brown",
      ";R=100;G=200;B=150",
    ],
  ])("in a path: %j", (form, one, several, named) => {
    expect([path("blue", form), path(list, form), path(object, form)]).toEqual([
      one,
      several,
      named,
    ]);
  });

  test.each<[ParameterForm, string, string]>([
    [{}, "color=blue&color=black&color=brown", "R=100&G=200&B=150"],
    [{ explode: false }, "color=blue,black,brown", "color=R,100,G,200,B,150"],
    [
      { style: "spaceDelimited" },
      "color=blue%20black%20brown",
      "color=R%20100%20G%20200%20B%20150",
    ],
    [{ style: "pipeDelimited" }, "color=blue%7Cblack%7Cbrown", "color=R%7C100%7CG%7C200%7CB%7C150"],
    [
      { style: "deepObject" },
      "color=blue&color=black&color=brown",
      "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150",
    ],
  ])("in a query: %j", (form, several, named) => {
    expect([query("blue", form), query(list, form), query(object, form)]).toEqual([
      "color=blue",
      several,
      named,
    ]);
  });

  test("in headers", () => {
    expect(formatHeaders({ "X-Color": "blue", list, object })).toEqual({
      "x-color": "blue",
      list: "blue,black,brown",
      object: "R,100,G,200,B,150",
    });
    expect(formatHeaders({ object }, { object: { explode: true } })).toEqual({
      object: "R=100,G=200,B=150",
    });
  });

  test("in cookies", () => {
    expect(formatCookies({ color: "blue", list })).toBe(
      "color=blue; list=blue; list=black; list=brown",
    );
    expect(
      formatCookies({ list, object }, { list: { explode: false }, object: { explode: false } }),
    ).toBe("list=blue,black,brown; object=R,100,G,200,B,150");
  });
});

describe("values", () => {
  test("that mean something in URLs are encoded", () => {
    expect(path("a/b?c#d&e=f+g h;i%2Fj")).toBe("a%2Fb%3Fc%23d%26e%3Df%2Bg%20h%3Bi%252Fj");
    expect(query("a&b=c#d+e é'")).toBe("color=a%26b%3Dc%23d%2Be%20%C3%A9%27");
    expect(query(["a,b", "c"], { explode: false })).toBe("color=a%2Cb,c");
    expect(formatQuery({ "a&b": 1 })).toBe("a%26b=1");
    expect(formatCookies({ a: "b; c=d" })).toBe("a=b%3B%20c%3Dd");
    expect(query("half \ud83d")).toBe("color=half%20%EF%BF%BD");
  });

  test("keep what is reserved with allowReserved, but not what begins another parameter", () => {
    expect(query("https://a.example/?b=c&d#e+f", { allowReserved: true })).toBe(
      "color=https://a.example/?b=c%26d%23e%2Bf",
    );
  });

  test("that are undefined or null are left out; so are empty lists", () => {
    expect(formatQuery({ a: undefined, b: null, c: [], d: [null, 1], e: { f: undefined } })).toBe(
      "d=1",
    );
    expect(formatQuery({ a: [] }, { a: { explode: false } })).toBe("");
    expect(formatHeaders({ a: undefined })).toEqual({});
    expect(formatCookies({ a: undefined })).toBeUndefined();
  });

  test("are written as what they are: numbers, truth, dates, and JSON where it is asked for", () => {
    expect(formatQuery({ a: 1, b: true, c: 10n, d: new Date(0) })).toBe(
      "a=1&b=true&c=10&d=1970-01-01T00%3A00%3A00.000Z",
    );
    expect(query({ a: [1] }, { contentType: "application/json" })).toBe(
      "color=%7B%22a%22%3A%5B1%5D%7D",
    );
  });

  test("lie deeper only in the style deepObject", () => {
    expect(query({ a: { b: [1, 2] } }, { style: "deepObject" })).toBe(
      "color%5Ba%5D%5Bb%5D=1&color%5Ba%5D%5Bb%5D=2",
    );
    expect(() => query({ a: { b: 1 } })).toThrow(
      "the query parameter color must be text, a number, true or false, a Date, or a list or an object of these",
    );
    expect(() => path([[1]])).toThrow(/^the path parameter color of \/\{color\} must be/);
  });
});

describe("a path is left by no parameter", () => {
  test.each(["..", "."])("%j is refused", (value) => {
    expect(() => expandPath("/pets/{id}/owner", { id: value })).toThrow(
      `a parameter makes /pets/{id}/owner lead elsewhere: "${value}" is a step of a path`,
    );
    expect(() => expandPath("/pets/{a}{b}", { a: ".", b: value === "." ? "." : "" })).toThrow(
      /lead elsewhere|is empty/,
    );
  });

  test.each([undefined, null, "", []])("%j is refused", (value) => {
    expect(() => path(value)).toThrow(
      /^the path parameter color of \/\{color\} is (missing|empty)$/,
    );
  });

  test("a name of Object's is no value", () => {
    expect(() => expandPath("/{constructor}", {})).toThrow(
      "the path parameter constructor of /{constructor} is missing",
    );
  });
});

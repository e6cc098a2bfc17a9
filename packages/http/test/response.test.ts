import { ProtocolError } from "@net/core";
import { Response } from "@net/http";
import { expect, test } from "vitest";

function answer(content: Uint8Array | string, type?: string): Response {
  return new Response({
    method: "GET",
    url: "http://a/",
    status: 200,
    headers: type === undefined ? {} : { "content-type": type },
    content: typeof content === "string" ? new TextEncoder().encode(content) : content,
  });
}

test.each(["application/json", "application/problem+json; charset=utf-8", "text/json"])(
  "%s is parsed",
  (type) => {
    expect(answer('{"a":1}', type).jsonData).toEqual({ a: 1 });
  },
);

test("jsonData is undefined where there is no JSON; json() says why", () => {
  expect(answer('{"a":1}', "text/html").jsonData).toBeUndefined();
  expect(answer('{"a":1}', "text/html").json()).toEqual({ a: 1 });
  expect(answer("{", "application/json").jsonData).toBeUndefined();
  expect(() => answer("{", "application/json").json()).toThrow(ProtocolError);
  expect(() => answer("").json()).toThrow("the answer to GET http://a/ (status 200) is not JSON");
});

test("text follows the charset, and takes an unknown one for UTF-8", () => {
  expect(answer(Uint8Array.of(0xe9), "text/plain; charset=ISO-8859-1").text).toBe("é");
  expect(answer(Uint8Array.of(0xe9), 'text/plain; charset="latin1"').text).toBe("é");
  expect(answer("é", "text/plain; charset=klingon").text).toBe("é");
  expect(answer("é").text).toBe("é");
});

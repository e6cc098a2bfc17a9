import { FakeClock } from "@net/core/testing";
import { HTTPClient } from "@net/http";
import { MockWire } from "@net/http/testing";
import { expect, test } from "vitest";

const quick = { rng: { next: () => 0 } };

test("answers come in turn, the last for ever, and what was asked is known", async () => {
  const mock = new MockWire().on("GET", "/users", { status: 503 }, { json: [{ id: 1 }] });
  await using http = mock.client(quick);

  const response = await http.get("/users?page=2");

  expect(response.jsonData).toEqual([{ id: 1 }]);
  expect(mock.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
    "GET http://mock.example/users?page=2",
    "GET http://mock.example/users?page=2",
  ]);
});

test("an answer may be made of the request", async () => {
  const mock = new MockWire().on("POST", /\/echo$/, (request) => ({
    status: 201,
    headers: { "X-Type": request.headers["content-type"] ?? "", "set-cookie": ["a=1", "b=2"] },
    body: request.text.toUpperCase(),
  }));
  await using http = new HTTPClient({ wire: mock });

  const response = await http.post("https://any.example/echo", { json: { a: "b" } });

  expect(response).toMatchObject({ status: 201, text: '{"A":"B"}' });
  expect(response.headers).toMatchObject({
    "x-type": "application/json",
    "set-cookie": "a=1\nb=2",
  });
  expect(mock.requests[0]?.json()).toEqual({ a: "b" });
});

test("what is not mocked fails, and says what is", async () => {
  const mock = new MockWire().on("GET", "/a", {});
  await using http = mock.client();

  await expect(http.get("/b")).rejects.toThrow(
    "there is no mocked answer to GET http://mock.example/b, only to: GET http://mock.example/a",
  );
});

test("failures are real ones: refused is unsent, a reset is not", async () => {
  const mock = new MockWire()
    .on("POST", "/refused", { error: "refused" }, { status: 204 })
    .on("POST", "/reset", { error: "reset" })
    .on("GET", "/half", { body: "half", error: "reset" });
  await using http = mock.client(quick);

  expect(await http.post("/refused", "x")).toMatchObject({ status: 204 });
  await expect(http.post("/reset", "x")).rejects.toMatchObject({
    code: "CONNECTION_LOST",
    attempts: 1,
  });
  const answer = await http.stream("/half");
  await expect(answer.text()).rejects.toMatchObject({ code: "CONNECTION_LOST" });
});

test("delays are on the client's clock, and end with the call", async () => {
  const clock = new FakeClock();
  const mock = new MockWire().on("GET", "/slow", { delay: 5_000 });
  await using http = mock.client({ clock });

  const late = http.get("/slow", { timeout: 4_999 }).catch(({ code }) => code);
  const inTime = http.get("/slow");
  await clock.advance(5_000);

  expect(await late).toBe("DEADLINE_EXCEEDED");
  expect(await inTime).toMatchObject({ status: 200 });
  expect(clock.pending).toBe(0);
});

test("streams come in pieces, for one who reads and one who leaves", async () => {
  const events = (async function* () {
    yield "data: 1\n\n";
    yield "data: 2\n\n";
  })();
  const mock = new MockWire()
    .on("GET", "/events", { headers: { "Content-Type": "text/event-stream" }, body: events })
    .on("GET", "/endless", { body: endless() });
  await using http = mock.client();

  const seen: string[] = [];
  for await (const { data } of http.sse("/events")) seen.push(data);
  expect(seen).toEqual(["1", "2"]);
  for await (const chunk of await http.stream("/endless")) {
    expect(chunk).toHaveLength(65_536);
    break;
  }
});

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield new Uint8Array(65_536);
}

test("an answer without delay needs no clock, and a global expression is met each time", async () => {
  const mock = new MockWire().on("GET", /a/g, { body: "x" });
  await using http = mock.client({ clock: new FakeClock() });

  expect((await http.get("/a")).text).toBe("x");
  expect((await http.get("/a")).text).toBe("x");
});

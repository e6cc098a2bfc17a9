import { expect, test } from "vitest";
import { httpBase, webSocketUrl } from "../src/urls.ts";

test.each([
  ["http://127.0.0.1:8000", "http://127.0.0.1:8000/", "ws://127.0.0.1:8000/ws"],
  ["https://net.test/api/", "https://net.test/api/", "wss://net.test/api/ws"],
  [new URL("https://net.test/api"), "https://net.test/api/", "wss://net.test/api/ws"],
])("below %s are the routes and the WebSocket", (url, base, ws) => {
  expect(httpBase(url)).toBe(base);
  expect(webSocketUrl(undefined, base)).toBe(ws);
});

import { HTTPClient } from "@net/http";
import { mockAgentWire } from "@net/http/testing";
import { MockAgent } from "undici";
import { expect, test } from "vitest";

test("undici's MockAgent is a wire: retries go through it, and closing closes it", async () => {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const api = agent.get("http://api.test");
  api.intercept({ path: "/x" }).reply(503, "busy");
  api.intercept({ path: "/x" }).reply(200, { ok: true });
  const http = new HTTPClient({ wire: mockAgentWire(agent), rng: { next: () => 0 } });

  expect((await http.get("http://api.test/x")).json()).toEqual({ ok: true });
  agent.assertNoPendingInterceptors();
  await http.close();
});

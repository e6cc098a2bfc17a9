import type { Wire, WireHandler, WireRequest } from "../wire/wire.ts";

/** What is needed of undici's `MockAgent`. */
export interface MockDispatcher {
  dispatch(request: WireRequest, handler: WireHandler): unknown;
  close(): Promise<unknown>;
}

/**
 * undici's `MockAgent` as the wire of a client, for tests that have its interceptors already.
 *
 * @example
 * ```ts
 * const agent = new MockAgent();
 * agent.get("https://api.test").intercept({ path: "/x" }).reply(200, { ok: true });
 * await using http = new HTTPClient({ wire: mockAgentWire(agent) });
 * ```
 */
export function mockAgentWire(agent: MockDispatcher): Wire {
  return {
    dispatch: (request, handler) => void agent.dispatch(request, handler),
    destroy: async () => {
      await agent.close();
    },
  };
}

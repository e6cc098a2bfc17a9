/**
 * `@net/http/testing`: a client without a server, for tests. For Node.
 *
 * @module
 */

export { type MockDispatcher, mockAgentWire } from "./mock-agent.ts";
export { MockRequest } from "./mock-request.ts";
export { type MockAnswer, type MockReply, MockWire } from "./mock-wire.ts";

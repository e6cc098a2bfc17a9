import { type Link, type NetworkError, seededRng, ValidationError } from "@net/core";
import { webSocketTransport } from "@net/ws/transport";
import { expect, test } from "vitest";

const refusal = async (dialling: Promise<Link>): Promise<NetworkError> => {
  const error: unknown = await dialling.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return error as NetworkError;
};

test.each(["maxConnections", "maxConnectionsPerAddress"] as const)(
  "over %s a handshake is answered with 503 and when to come back; a place that is left is free again",
  async (limit) => {
    const transport = webSocketTransport({ [limit]: 2, rng: seededRng(1) });
    await using listener = await transport.listen("ws://127.0.0.1:0", () => {});
    const one = await transport.dial(listener.address);
    const two = await transport.dial(listener.address);
    const { details, retryable } = await refusal(transport.dial(listener.address));
    expect(details.status).toBe(503);
    expect(details.retryAfterMs).toBeGreaterThanOrEqual(1_000);
    expect(details.retryAfterMs).toBeLessThanOrEqual(10_000);
    expect(retryable).toBe(true);

    one.abort();
    await expect.poll(() => transport.dial(listener.address).catch(() => undefined)).toBeDefined();
    two.abort();
  },
);

test("limits of connections that make no sense are refused", async () => {
  for (const limits of [{ maxConnections: 0 }, { maxConnectionsPerAddress: Number.NaN }]) {
    await expect(webSocketTransport(limits).listen("ws://127.0.0.1:0", () => {})).rejects.toThrow(
      ValidationError,
    );
  }
});

import { seededRng } from "@net/core";
import { exchangeInTurmoil } from "@net/ws/testing";
import { webSocketTransport } from "@net/ws/transport";
import { expect, test } from "vitest";

const MESSAGES = 3_000;
const numbers = Array.from({ length: MESSAGES }, (_, i) => i);

test("3,000 messages each way over a link in turmoil: none is lost, none applied twice, all in order", {
  timeout: 30_000,
}, async () => {
  const { atServer, atClient, links } = await exchangeInTurmoil({
    ...{ transport: webSocketTransport(), scheme: "ws", messages: MESSAGES, rng: seededRng(7) },
  });

  expect(atServer).toEqual(numbers);
  expect(atClient).toEqual(numbers);
  expect(links).toBeGreaterThan(10);
});

import { seededRng } from "@net/core";
import { tcpTransport } from "@net/sockets";
import { exchangeInTurmoil } from "@net/ws/testing";
import { expect, test } from "vitest";

const MESSAGES = 3_000;
const numbers = Array.from({ length: MESSAGES }, (_, i) => i);

test("a session over framed TCP loses nothing and applies nothing twice, whatever happens to its links", {
  timeout: 30_000,
}, async () => {
  const { atServer, atClient, links } = await exchangeInTurmoil({
    ...{ transport: tcpTransport(), scheme: "tcp", messages: MESSAGES, rng: seededRng(5) },
  });

  expect(atServer).toEqual(numbers);
  expect(atClient).toEqual(numbers);
  expect(links).toBeGreaterThan(5);
});

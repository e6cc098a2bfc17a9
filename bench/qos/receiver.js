// One end of the shaped line: takes bulk data under credit, answers pings, and says at the end what came.
import { once } from "node:events";
import { createServer } from "node:net";
import { systemClock } from "@net/core";
import { frameLink } from "@net/core/framing";
import { ReceiveCredit, WindowEstimator } from "@net/qos";
import { encode, Kind, numberOf, receiveLate } from "./wire.js";

const [host = "", delayText = "0", warmUpText = "0"] = process.argv.slice(2);
const warmUp = Number(warmUpText);

const server = createServer({ noDelay: true }).listen(0, host);
await once(server, "listening");
console.log(/** @type {import("node:net").AddressInfo} */ (server.address()).port);

const [socket] = await once(server, "connection");
const link = frameLink(socket, { remoteAddress: "tcp:sender" });
const estimator = new WindowEstimator();
const credit = new ReceiveCredit(estimator);
let bytes = 0;
/** @type {number | undefined} */
let startMs;
let lastMs = 0;

const pings = setInterval(() => link.send(encode(Kind.ping, systemClock.monotonicMs())), 50);
receiveLate(link, Number(delayText), (frame) => {
  const nowMs = systemClock.monotonicMs();
  if (frame[0] === Kind.ping) link.send(encode(Kind.pong, numberOf(frame)));
  else if (frame[0] === Kind.pong) estimator.roundTrip(nowMs - numberOf(frame), nowMs);
  else take(frame.byteLength, nowMs);
});
await link.closed;
clearInterval(pings);
server.close();
const seconds = (lastMs - (startMs ?? 0) - warmUp) / 1_000;
const { windowBytes, minRttMs } = estimator;
console.log(JSON.stringify({ bytesPerSecond: bytes / seconds, windowBytes, minRttMs }));

/**
 * @param {number} length
 * @param {number} nowMs
 */
function take(length, nowMs) {
  if (process.argv.includes("--credit")) {
    credit.received(length);
    const limit = credit.consumed(length);
    if (limit !== undefined) link.send(encode(Kind.credit, limit));
  }
  estimator.delivered(length, nowMs);
  startMs ??= nowMs;
  lastMs = nowMs;
  if (nowMs - startMs > warmUp) bytes += length;
}

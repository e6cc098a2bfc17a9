// The other end: bulk data as fast as it goes, and a heartbeat every 50 ms. It says at the end how late the answers were.
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { frameLink } from "@net/core/framing";
import { CHUNK_BYTES, QoSManager, SendCredit } from "@net/qos";
import { encode, Kind, numberOf, receiveLate } from "./wire.js";

const BEAT = 50;
const [host = "", ...numbers] = process.argv.slice(2, 7);
const [port = 0, delay = 0, warmUp = 0, duration = 0] = numbers.map(Number);

const socket = connect({ host, port, noDelay: true });
await once(socket, "connect");
const link = frameLink(socket, { remoteAddress: "tcp:receiver" });
const credit = new SendCredit();
const egress = new QoSManager().createEgress("receiver", link, { credit });
const send = process.argv.includes("--credit")
  ? {
      urgent: (/** @type {Uint8Array} */ frame) => egress.offer(frame, "heartbeat"),
      bulk: (/** @type {Uint8Array} */ frame) => egress.send(frame, { type: "bulk" }),
    }
  : {
      // What one does without a queue: write, and wait when the link says so.
      urgent: (/** @type {Uint8Array} */ frame) => link.send(frame),
      bulk: async (/** @type {Uint8Array} */ frame) => link.send(frame) || (await link.drained()),
    };

/** Round trips, in ms. @type {number[]} */
let answers = [];
receiveLate(link, delay, (frame) => {
  if (frame[0] === Kind.pong) answers.push(performance.now() - numberOf(frame));
  else if (frame[0] === Kind.ping) send.urgent(encode(Kind.pong, numberOf(frame)));
  else credit.granted(numberOf(frame));
});

// The round trip of the empty line; the other end learns it by its own pings meanwhile.
await heartbeats(500);
const idleMs = Math.min(...answers);
const sending = bulk(warmUp + duration);
await wait(warmUp);
answers = [];
const asked = await heartbeats(duration);
await sending;
await wait(500);
console.log(JSON.stringify({ idleMs, asked, answers }));
link.abort();

/** @param {number} time */
async function heartbeats(time) {
  let count = 0;
  for (const endMs = performance.now() + time; performance.now() < endMs; await wait(BEAT)) {
    send.urgent(encode(Kind.ping, performance.now()));
    count += 1;
  }
  return count;
}

/** @param {number} time */
async function bulk(time) {
  for (const endMs = performance.now() + time; performance.now() < endMs; ) {
    await send.bulk(new Uint8Array(CHUNK_BYTES));
  }
}

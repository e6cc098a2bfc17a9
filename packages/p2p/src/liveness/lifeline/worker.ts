// The part of a lifeline that answers while the main thread cannot: it starts when a thread loads this file.
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { encodeAnswer, keyOf, readQuestion } from "./datagram.ts";
import type { FromLifeline, LifelineTask } from "./worker-messages.ts";

/** The most datagrams that are looked at in a second: many times what all neighbours together ask. */
const MAX_PER_SECOND = 1_000;
const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;

if (parentPort) work(parentPort, workerData as LifelineTask);

function work(port: NonNullable<typeof parentPort>, task: LifelineTask): void {
  const say = (message: FromLifeline): void => port.postMessage(message);
  const ticked = new BigInt64Array(task.ticked);
  const isAllowed = limit();
  const socket = createSocket(isIPv6(task.host) ? "udp6" : "udp4");
  socket.on("message", (bytes, from) => {
    if (isAllowed()) answer(socket, bytes, from, task.secret, ticked);
  });
  socket.on("listening", () => say({ type: "listening", port: socket.address().port }));
  socket.on("error", (error: NodeJS.ErrnoException) => {
    say({ type: "failed", code: error.code ?? "", message: error.message });
    socket.close();
  });
  socket.bind({ address: task.host, port: 0, exclusive: true });
}

/** Silence for strangers. The answer is shorter than the question: nobody can be flooded with answers. */
function answer(
  socket: Socket,
  bytes: Uint8Array,
  from: RemoteInfo,
  secret: Uint8Array,
  ticked: BigInt64Array,
): void {
  const question = readQuestion(bytes, (ticket) => keyOf(secret, ticket));
  if (!question) return;
  const sinceNs = process.hrtime.bigint() - Atomics.load(ticked, 0);
  const reply = encodeAnswer(
    { nonce: question.nonce, tickedMsAgo: Number(sinceNs / NS_PER_MS) },
    keyOf(secret, question.ticket),
  );
  // An answer that cannot be sent is a lost one.
  socket.send(reply, from.port, from.address, () => {});
}

function limit(): () => boolean {
  let startedNs = process.hrtime.bigint();
  let seen = 0;
  return () => {
    const now = process.hrtime.bigint();
    if (now - startedNs >= NS_PER_SECOND) [startedNs, seen] = [now, 0];
    seen += 1;
    return seen <= MAX_PER_SECOND;
  };
}

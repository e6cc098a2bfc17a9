import { expect, test } from "vitest";
import { requireNamespaces, TwoMachines } from "../support/namespaces.ts";
import { requireProgram } from "../support/programs.ts";
import { run } from "../support/run.ts";

const possible = requireNamespaces() && requireProgram("tc") !== undefined;
const LIMIT = 30_000;
const [HOST, PORT] = ["10.77.0.2", 5578];
/** 1.5 MB: one and a half seconds on a line of 8 Mbit/s. */
const CHUNKS = 96;
const BEATS = 20;

const wire = `
import { frameLink } from "@net/core/framing";
import { CHUNK_BYTES, QoSManager, ReceiveCredit, SendCredit } from "@net/qos";
const encode = (kind, ...numbers) => new Uint8Array(Float64Array.of(kind, ...numbers).buffer);
const numbers = (frame) => new Float64Array(new Uint8Array(frame).buffer);
const [BULK, BEAT, CREDIT] = [0, 1, 2];
`;

/** Takes chunks under credit; notes for each heartbeat how many chunks had come, and how many had left before it. */
const receiver = `
${wire}
import { createServer } from "node:net";
const server = createServer({ noDelay: true }, async (socket) => {
  server.close();
  const link = frameLink(socket, { remoteAddress: "tcp:sender" });
  const credit = new ReceiveCredit();
  const [chunks, beats] = [[], []];
  link.receive((frame) => {
    const [kind, number, left, waiting] = numbers(frame.subarray(0, 32));
    if (kind === BEAT) return void beats.push({ number, left, waiting, come: chunks.length });
    chunks.push(number);
    credit.received(frame.byteLength);
    const limit = credit.consumed(frame.byteLength);
    if (limit !== undefined) link.send(encode(CREDIT, limit));
  });
  const { code } = await link.closed;
  console.log(JSON.stringify({ code, chunks, beats }));
}).listen(${PORT}, "${HOST}");
`;

/** Offers all chunks at once; then a heartbeat whenever some of them have left. */
const sender = `
${wire}
import { once } from "node:events";
import { connect } from "node:net";
const dial = async () => {
  const socket = connect({ host: "${HOST}", port: ${PORT}, noDelay: true });
  try {
    await once(socket, "connect");
    return socket;
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 50)); // It does not listen yet.
    return await dial();
  }
};
const link = frameLink(await dial(), { remoteAddress: "tcp:receiver" });
const credit = new SendCredit();
const egress = new QoSManager().createEgress("receiver", link, { credit });
link.receive((frame) => credit.granted(numbers(frame)[1]));
const done = Promise.withResolvers();
let [left, beats] = [0, 0];
const onSettled = (fate) => {
  if (fate !== "sent") throw fate;
  left++;
  if (left % 4 === 0 && beats < ${BEATS}) {
    egress.offer(encode(BEAT, ++beats, left, egress.queuedFrames), "heartbeat");
  }
  if (left === ${CHUNKS}) done.resolve();
};
for (let number = 0; number < ${CHUNKS}; number++) {
  const chunk = new Uint8Array(CHUNK_BYTES);
  chunk.set(encode(BULK, number));
  // Tool results are never refused for having waited.
  egress.offer(chunk, "tool-result", { onSettled });
}
await done.promise;
await link.close();
`;

test.runIf(possible)(
  "through a line of 8 Mbit/s bulk data arrives whole and in order, and heartbeats pass all that waits",
  { timeout: LIMIT },
  async () => {
    await using machines = await TwoMachines.create();
    const on = (machine: 0 | 1, ...args: string[]) => {
      const [command = "", ...rest] = machines.on(machine);
      return run(command, [...rest, ...args], { timeout: LIMIT - 5_000 });
    };
    const start = (machine: 0 | 1, program: string) =>
      on(
        machine,
        process.execPath,
        "--conditions=@net/source",
        "--input-type=module",
        "-e",
        program,
      );
    const device = machines.names[0].replace("net-a-", "va");
    const shape = `qdisc add dev ${device} root tbf rate 8mbit burst 16kb limit 2mb`;
    expect(await on(0, "tc", ...shape.split(" "))).toMatchObject({ exitCode: 0 });

    const [received, sent] = await Promise.all([start(1, receiver), start(0, sender)]);

    expect(sent).toMatchObject({ stderr: "", exitCode: 0 });
    expect(received).toMatchObject({ stderr: "", exitCode: 0 });
    const { code, chunks, beats } = JSON.parse(received.stdout) as {
      code: string;
      chunks: number[];
      beats: { number: number; left: number; waiting: number; come: number }[];
    };
    expect(code).toBe("normal");
    expect(chunks).toEqual(Array.from({ length: CHUNKS }, (_, number) => number));
    expect(beats.map(({ number }) => number)).toEqual(
      Array.from({ length: BEATS }, (_, i) => i + 1),
    );
    for (const { left, waiting, come } of beats) {
      // It came right after what had left when it was sent, before everything that waited.
      expect(come).toBe(left);
      expect(waiting).toBe(CHUNKS - left);
    }
  },
);

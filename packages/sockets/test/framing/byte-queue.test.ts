import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { delimiter, lengthPrefix } from "@net/sockets";
import { expect, test } from "vitest";
import { ByteQueue } from "../../src/framing/byte-queue.ts";
import type { MessageDecoder } from "../../src/framing/framing.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Whether the memory is given back, once nobody but the one under test may hold it. */
async function isLetGo(memory: WeakRef<ArrayBufferLike>): Promise<boolean> {
  // What a job has made or looked at lives until its end.
  await new Promise(setImmediate);
  collectGarbage();
  return memory.deref() === undefined;
}

const chunk = (text: string): Buffer => {
  const bytes = Buffer.alloc(64 * 1024, " ");
  bytes.write(text, bytes.length - text.length);
  return bytes;
};

test("a queue that was emptied holds no memory; one that was not, does", async () => {
  const queue = new ByteQueue();
  const pushed = ((): WeakRef<ArrayBufferLike> => {
    const bytes = chunk("end");
    queue.push(bytes);
    queue.take(bytes.length - 1);
    return new WeakRef(bytes.buffer);
  })();
  expect(await isLetGo(pushed)).toBe(false);
  expect(queue.take(1).toString()).toBe("d");
  expect(await isLetGo(pushed)).toBe(true);
  expect(queue.length).toBe(0);
});

test.each([
  { what: "delimiter", decoder: delimiter("\n").decoder(), mark: "\n" },
  { what: "lengthPrefix", decoder: lengthPrefix().decoder(), mark: "\0\0\0\0" },
])("a decoder between messages holds none of what came: $what", async ({ decoder, mark }) => {
  const pushed = feed(decoder, mark);
  while (decoder.next());
  expect(await isLetGo(pushed)).toBe(true);
});

function feed(decoder: MessageDecoder, mark: string): WeakRef<ArrayBufferLike> {
  const bytes = Buffer.alloc(64 * 1024, mark);
  decoder.push(bytes);
  return new WeakRef(bytes.buffer);
}

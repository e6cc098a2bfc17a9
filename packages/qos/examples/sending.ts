import { memoryTransport, NetworkError, retry } from "@net/core";
import { QoSManager, retryOptions } from "@net/qos";

// A phone that reads nothing yet: what is sent to it waits.
const transport = memoryTransport({ highWaterMark: 0 });
const opened = Promise.withResolvers<() => void>();
await using _listener = await transport.listen("memory:phone", (link) => {
  const read = (frame: Uint8Array): void =>
    console.log(`read: ${new TextDecoder().decode(frame).slice(0, 10)}`);
  opened.resolve(() => link.receive(read));
});
await using link = await transport.dial("memory:phone");
const startReading = await opened.promise;

const retryPolicy = { maxRetries: 3, backoff: "fixed", initialDelay: 20 } as const;
const qos = new QoSManager({ policies: { position: { priority: "normal", retryPolicy } } });
await using egress = qos.createEgress("phone", link, { maxBytes: 2_000 });
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
egress.offer(encode("hello"), "message");

// Of positions only the last one matters: a newer one takes the place of one that waits.
const here = egress.send(encode("position 1"), { type: "position", coalesceKey: "me" });
const there = egress.send(encode("position 2"), { type: "position", coalesceKey: "me" });
console.log(`position 1: ${await here}`);

// A deadline that passes, a queue that is full: the sender hears it.
const late = egress.send(encode("too late"), { type: "message", deadlineMs: 20 });
await late.catch((error: unknown) => console.log(NetworkError.is(error) && error.code));
const large = "report ".repeat(200);
const { retries, backoff } = retryOptions(qos.getPolicy("position").retryPolicy);
const report = retry(() => egress.send(encode(large), { type: "position" }), {
  ...{ retries, backoff },
  onRetry: ({ attempt, error }) => {
    console.log(`try ${attempt}: ${NetworkError.is(error) && error.code}`);
    if (attempt === 2) startReading();
  },
});
console.log(`position 2: ${await there}`);
console.log(`the report: ${await report}`);

import { memoryTransport, NetworkError, retry } from "@net/core";

const network = memoryTransport();
const listener = await network.listen("memory:desktop", (link) => {
  link.receive((frame) => link.send(frame));
});

{
  await using link = await retry(({ signal }) => network.dial("memory:desktop", { signal }), {
    retries: 5,
    deadlineMs: 10_000,
  });
  const echoed = Promise.withResolvers<Uint8Array>();
  link.receive(echoed.resolve);
  link.send(new TextEncoder().encode("hello"));
  console.log(new TextDecoder().decode(await echoed.promise));
}

await listener.close();
try {
  await network.dial("memory:desktop");
} catch (error) {
  if (!NetworkError.is(error, "CONNECTION_REFUSED")) throw error;
  console.log(error.message, "- worth a retry:", error.retryable);
}

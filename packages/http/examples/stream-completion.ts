import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { bearer, HTTPClient } from "@net/http";

// An endpoint in the manner of OpenAI's that is overloaded at first.
let requests = 0;
const server = createServer((request, response) => {
  if (++requests === 1) response.writeHead(529, { "retry-after-ms": "20" }).end();
  else void text(request).then((body) => complete(body, response));
});
await once(server.listen(0, "127.0.0.1"), "listening");
const { port } = server.address() as AddressInfo;

function complete(body: string, response: ServerResponse): void {
  const { messages } = JSON.parse(body) as { messages: { content: string }[] };
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const word of `You said: ${messages.at(-1)?.content}`.split(/(?= )/)) {
    response.write(`data: ${JSON.stringify({ choices: [{ delta: { content: word } }] })}\n\n`);
  }
  response.end("data: [DONE]\n\n");
}

{
  await using http = new HTTPClient({
    baseUrl: `http://127.0.0.1:${port}/v1`,
    auth: bearer({ token: "sk-example" }),
    timeout: { total: 60_000, idle: 20_000 },
    hooks: { onRetry: ({ status, delayMs }) => console.log(`${status}: again in ${delayMs} ms`) },
  });

  // The key makes it safe to send this POST again; once the first byte has come, nothing is sent again.
  const events = http.sse("/chat/completions", {
    method: "POST",
    idempotencyKey: true,
    json: { model: "any", stream: true, messages: [{ role: "user", content: "hello there" }] },
  });
  for await (const event of events) {
    if (event.data === "[DONE]") break;
    const chunk = event.json() as { choices: { delta: { content: string } }[] };
    process.stdout.write(chunk.choices[0]?.delta.content ?? "");
  }
  console.log(); // You said: hello there
}

server.close();

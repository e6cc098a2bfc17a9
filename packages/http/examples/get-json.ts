import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { NetworkError } from "@net/core";
import { HTTPClient } from "@net/http";

// A server that is busy at first.
let requests = 0;
const server = createServer((request, response) => {
  if (++requests === 1) response.writeHead(503, { "retry-after": "0" }).end();
  else response.setHeader("content-type", "application/json").end(`{ "path": "${request.url}" }`);
});
await once(server.listen(0, "127.0.0.1"), "listening");
const { port } = server.address() as AddressInfo;

{
  await using http = new HTTPClient({ baseUrl: `http://127.0.0.1:${port}/v1`, timeout: 5_000 });

  const response = await http.get("/users", { query: { page: 2 } });
  console.log(response.status, response.json()); // 200 { path: '/v1/users?page=2' }

  try {
    await http.get("https://elsewhere.example/");
  } catch (error) {
    if (!NetworkError.is(error, "INVALID_ARGUMENT")) throw error;
    console.log(error.message); // https://elsewhere.example/ does not lie under the client's baseUrl …
  }
}

server.close();

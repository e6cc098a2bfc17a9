import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { HTTPClient } from "@net/http";
// Written by `npx @net/http generate petstore/openapi.yaml -o petstore/client.ts`.
import { createClient } from "./petstore/client.ts";

const tom = { id: 7, name: "Tom", kind: "cat" };
const server = createServer((request, response) => {
  if (request.url?.startsWith("/feed")) {
    response.setHeader("content-type", "text/event-stream");
    response.end(`data: ${JSON.stringify(tom)}\n\n`);
  } else {
    response.statusCode = request.url === "/pets/7" ? 200 : 404;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(response.statusCode === 200 ? tom : { message: "no such pet" }));
  }
});
await once(server.listen(0, "127.0.0.1"), "listening");
const { port } = server.address() as AddressInfo;

{
  await using http = new HTTPClient({ baseUrl: `http://127.0.0.1:${port}` });
  const pets = createClient(http);

  const found = await pets.GET("/pets/{id}", { params: { path: { id: 7 } } });
  if (found.ok) console.log(found.data.name); // Tom

  // The same by the operation's name. An answer outside 2xx is an error with its type, not a throw.
  const { error } = await pets.operations.getPet({ params: { path: { id: 8 } } });
  console.log(error?.message); // no such pet

  const { data: arrivals } = await pets.GET("/feed", { params: { query: { kind: ["cat"] } } });
  for await (const event of arrivals ?? []) console.log(event.json().kind); // cat
}

server.close();

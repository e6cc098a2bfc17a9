import { text } from "node:stream/consumers";
import { HTTPClient } from "@net/http";
import { type ClientCredentialsOptions, clientCredentials } from "@net/http/oauth2";
import { expect, test } from "vitest";
import { type LocalServer, serve } from "../local-server.ts";

interface Issuer {
  readonly server: LocalServer;
  /** How tokens were asked for. */
  readonly asked: { authorization: string | undefined; body: string }[];
}

/** Gives out t1, t2, … and lets in who carries the last. */
async function issuer(token: (n: number) => object, status = 200): Promise<Issuer> {
  const asked: Issuer["asked"] = [];
  const server = await serve((request, response) => {
    const { url = "", headers } = request;
    const json = (code: number, value: object): void =>
      void response
        .writeHead(code, { "content-type": "application/json" })
        .end(JSON.stringify(value));
    if (url.startsWith("/.well-known/")) {
      json(200, { issuer: server.url, token_endpoint: `${server.url}/token` });
    } else if (url === "/token") {
      void text(request).then((body) => {
        asked.push({ authorization: headers.authorization, body });
        json(status, token(asked.length));
      });
    } else {
      response.writeHead(headers.authorization === `Bearer t${asked.length}` ? 200 : 401).end();
    }
  });
  return { server, asked };
}

const bearerToken = (n: number): object => ({
  access_token: `t${n}`,
  token_type: "bearer",
  expires_in: 3600,
});

async function calling(
  { server }: Issuer,
  options: Partial<ClientCredentialsOptions>,
  calls: (http: HTTPClient) => Promise<void>,
): Promise<void> {
  await using own = new HTTPClient();
  const auth = clientCredentials({ clientId: "id", clientSecret: "s:1", http: own, ...options });
  await using http = new HTTPClient({ baseUrl: server.url, auth });
  await calls(http);
}

test("a token is asked for once, with scope and more, and used", async () => {
  const state = await issuer(bearerToken);
  await using server = state.server;

  await calling(
    state,
    { tokenUrl: `${server.url}/token`, scope: "read write", parameters: { audience: "api" } },
    async (http) => {
      const answers = await Promise.all([http.get("/x"), http.get("/x"), http.get("/x")]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    },
  );

  expect(state.asked).toEqual([
    {
      authorization: `Basic ${Buffer.from("id:s%3A1").toString("base64")}`,
      body: "scope=read+write&audience=api&grant_type=client_credentials",
    },
  ]);
});

test("the issuer's metadata say where, and the secret may go in the body", async () => {
  const state = await issuer(bearerToken);
  await using server = state.server;

  await calling(state, { issuer: server.url, authentication: "post" }, async (http) => {
    expect(await http.get("/x")).toMatchObject({ status: 200 });
  });

  expect(state.asked[0]?.authorization).toBeUndefined();
  expect(new URLSearchParams(state.asked[0]?.body).get("client_secret")).toBe("s:1");
});

test("a token that is refused is replaced", async () => {
  const state = await issuer(bearerToken);
  await using server = state.server;

  await calling(state, { tokenUrl: `${server.url}/token` }, async (http) => {
    await http.get("/x");
    state.asked.push({ authorization: "", body: "somebody else got one" });
    expect(await http.get("/x")).toMatchObject({ status: 200 });
  });
});

test("an issuer that says no is an AuthenticationError that says why, without the secret", async () => {
  const state = await issuer(
    () => ({ error: "invalid_client", error_description: "who are you" }),
    400,
  );
  await using server = state.server;

  await calling(state, { tokenUrl: `${server.url}/token` }, async (http) => {
    const error = await http.get("/x").catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "AUTHENTICATION_FAILED" });
    expect(String(error)).not.toContain("s:1");
  });
});

test("secrets do not go over plain http to others", () => {
  const id = { clientId: "id", clientSecret: "s" };

  expect(() => clientCredentials({ ...id, tokenUrl: "http://issuer.example/token" })).toThrow(
    "over https",
  );
  expect(() => clientCredentials(id)).toThrow("either a tokenUrl or an issuer");
});

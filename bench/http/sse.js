import { HTTPClient } from "@net/http";
import { createParser } from "eventsource-parser";
import { request } from "undici";
import { compare } from "../lib/compare.js";

/**
 * Reads a stream of small events, as a language model's tokens come.
 *
 * @param {string} url
 */
export async function events(url) {
  await using http = new HTTPClient();
  await compare("server-sent events of 100 bytes, read and parsed as JSON", {
    operations: 400_000,
    variants: [
      {
        name: "`http.sse`",
        run: async (operations) => {
          let seen = 0;
          for await (const event of http.sse(`${url}events?${operations}`)) {
            event.json();
            seen++;
          }
          check(seen, operations);
        },
      },
      {
        name: "`undici.request` and `eventsource-parser`",
        run: async (operations) => {
          let seen = 0;
          const parser = createParser({
            onEvent: ({ data }) => {
              JSON.parse(data);
              seen++;
            },
          });
          const { body } = await request(`${url}events?${operations}`);
          body.setEncoding("utf8");
          for await (const text of body) parser.feed(text);
          check(seen, operations);
        },
      },
    ],
  });
}

/**
 * @param {number} seen
 * @param {number} expected
 */
function check(seen, expected) {
  if (seen !== expected) throw new Error(`${seen} events came instead of ${expected}`);
}

import { redact } from "@net/core";
import { expect, test } from "vitest";

test.each([
  ["http://user:p@ss@host:80/path", "http://***@host:80/path"],
  [
    "see wss://h/x?access_token=a.b.c&room=1#state=s",
    "see wss://h/x?access_token=***&room=1#state=***",
  ],
  [
    "x-api-key https://h/?API_KEY=1&apikey=2&key=3&keyboard=4",
    "x-api-key https://h/?API_KEY=***&apikey=***&key=***&keyboard=4",
  ],
  ["Authorization: Bearer eyJhbGciOi.x.y", "Authorization: Bearer ***"],
  ["Basic dXNlcjpwYXNz", "Basic ***"],
  [
    "https://h/?X-Amz-Signature=ff&sig=1&design=2",
    "https://h/?X-Amz-Signature=***&sig=***&design=2",
  ],
  ["basic facts about tokens", "basic facts about tokens"],
  ["http://host/a@b?x=c@d", "http://host/a@b?x=c@d"],
  ["memory:laptop", "memory:laptop"],
])("%s becomes %s", (text, clean) => {
  expect(redact(text)).toBe(clean);
});

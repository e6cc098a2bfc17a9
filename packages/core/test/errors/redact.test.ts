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
  ["redis://user:p#ss@host/1", "redis://***@host/1"],
  ["http://user:pa/ss@host:80/", "http://***@host:80/"],
  ["http://user:p?ss@host/x?token=1", "http://***@host/x?token=***"],
  ["http://host:80/a@b http://[::1]:80/a@b", "http://host:80/a@b http://[::1]:80/a@b"],
  ["http://u:p@[::1]:80/", "http://***@[::1]:80/"],
  ["https://a:b@c and https://d:e@f", "https://***@c and https://***@f"],
  ["https://h/?next=https://u:p@h2/", "https://h/?next=https://***@h2/"],
  ["login as ann:s3cret@db:5432 failed", "login as ***@db:5432 failed"],
  ["at 12:30 ann@host said npm:@scope/pkg@1", "at 12:30 ann@host said npm:@scope/pkg@1"],
  ["GET /path?token=abc&x=1", "GET /path?token=***&x=1"],
  ["x-api-key: abc\r\nHost: h", "x-api-key: ***\r\nHost: h"],
  ["X-Auth-Token: abc", "X-Auth-Token: ***"],
  ["Cookie: a=b; sid=c", "Cookie: ***"],
  ["Authorization: Token abc def\nnext", "Authorization: ***\nnext"],
  ['{"authorization":"Token abc","v":1}', '{"authorization":"***","v":1}'],
  ['{"password":"a\\"b c","user":"u"}', '{"password":"***","user":"u"}'],
  [`{ 'apiKey': 'abc', other: 'x' }`, `{ 'apiKey': '***', other: 'x' }`],
  [`{\\"jwtSecret\\":\\"abc\\",\\"v\\":1}`, `{\\"jwtSecret\\":***,\\"v\\":1}`],
  ["client_secret=abc, PASSWORD=xyz", "client_secret=***, PASSWORD=***"],
  ["got eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.abc-def", "got ***"],
  ["-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----\nafter", "***\nafter"],
  ["Basic authentication is required", "Basic authentication is required"],
  ["invalid token: expected a string", "invalid token: expected a string"],
])("%s becomes %s", (text, clean) => {
  expect(redact(text)).toBe(clean);
});

// Quadratic time would be minutes here, far over the runner's own limit.
test.each([
  "a.",
  "a-",
  "a:",
  "x:y@",
  "http://",
  "http://a:b",
  "http://a?b=",
  "x-",
  "x-a-",
  "token",
  "token=",
  "token='",
  `"token":"`,
  `token\\":`,
  "eyJ",
  "eyJa.",
  "cookie: ",
  "Bearer ",
  "-----BEGIN PRIVATE KEY-----",
  " ",
  "a",
])("a megabyte of %s is looked through in linear time", (text) => {
  expect(redact(text.repeat(1_000_000 / text.length)).length).toBeGreaterThan(0);
});

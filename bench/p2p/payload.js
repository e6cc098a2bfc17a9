import { z } from "zod";

// What every call carries: about 280 bytes of JSON there, and as many back.

export const question = {
  query: "the quarterly report of the northern branch, the version that was sent to the auditors",
  limit: 10,
  offset: 0,
  filters: { kind: "document", language: "en", after: "2026-01-01", owner: "user-7f3a91c2" },
  fields: ["title", "path", "modified", "score"],
  session: "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
};

/** For those who check what comes in: us, and MCP. */
export const questionShape = {
  query: z.string(),
  limit: z.number(),
  offset: z.number(),
  filters: z.object({
    kind: z.string(),
    language: z.string(),
    after: z.string(),
    owner: z.string(),
  }),
  fields: z.array(z.string()),
  session: z.string(),
};

const matches = [
  { title: "Quarterly report, north", path: "/reports/2026/q1/north.pdf", score: 0.9731 },
  { title: "Report to the auditors", path: "/audit/2026/report-v3.pdf", score: 0.9127 },
  { title: "Northern branch, notes", path: "/notes/north/2026-02.md", score: 0.7712 },
];

/** @param {typeof question} asked */
export function answerTo({ limit, session }) {
  return { session, matches: matches.slice(0, limit), total: 3, tookMs: 1.25, more: false };
}

/** @param {any} answer */
export function assertAnswer(answer) {
  if (answer?.total !== 3 || answer.matches.length !== 3) {
    throw new Error(`that is no answer: ${JSON.stringify(answer)}`);
  }
}

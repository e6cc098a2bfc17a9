import { expect, test } from "vitest";
import { RecentLatencies } from "../../src/executor/recent-latencies.ts";

test("the slowest twentieth is told from the others, of the latest calls only", () => {
  const latencies = new RecentLatencies();
  for (let call = 1; call <= 100; call++) latencies.record("work", call);
  expect(latencies.p95Ms("work")).toBe(95);
  for (let call = 0; call < 256; call++) latencies.record("work", 7);

  expect(latencies.p95Ms("work")).toBe(7);
  expect(latencies.p95Ms("other")).toBeUndefined();
});

test("only so many tools are remembered, the latest", () => {
  const latencies = new RecentLatencies();
  const record = (tool: string): void => {
    for (let call = 0; call < 20; call++) latencies.record(tool, 1);
  };
  for (let tool = 0; tool < 1_025; tool++) record(`tool ${tool}`);

  expect(latencies.p95Ms("tool 0")).toBeUndefined();
  expect(latencies.p95Ms("tool 1024")).toBe(1);
});

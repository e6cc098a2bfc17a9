import { expect, test } from "vitest";
import { drawMap } from "../src/screen/map.ts";

test("three machines in a row are drawn as a row, with their latencies", () => {
  const edges = [
    { from: "laptop", to: "gpu-box", rttMs: 1.234 },
    { from: "desktop", to: "laptop", rttMs: 0.5 },
  ];
  const picture = drawMap(edges);

  expect(picture).toHaveLength(3);
  expect(picture[1]).toMatch(/│ gpu-box │─+│ laptop │─+│ desktop │/);
  expect(picture[0]).toContain("1.23 ms");
  expect(picture[0]).toContain("0.50 ms");
});

test("any other shape is listed", () => {
  expect(drawMap([{ from: "a", to: "b", rttMs: 2 }])).toEqual(["a ──2.00 ms── b"]);
});

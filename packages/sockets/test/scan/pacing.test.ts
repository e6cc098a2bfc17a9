import { expect, test } from "vitest";
import { Patience } from "../../src/scan/rtt.ts";
import { Rate, Window } from "../../src/scan/window.ts";

test("patience follows the round trips of a host, within 100 ms and 1 s", () => {
  const patience = new Patience("adaptive");
  expect(patience.timeoutMs("a", 0)).toBe(1_000);
  patience.learn("a", 100);
  // RFC 6298 §2.2: the first sample, and four times half of it.
  expect(patience.timeoutMs("a", 0)).toBe(300);
  expect(patience.timeoutMs("a", 1)).toBe(600);
  for (let i = 0; i < 50; i++) patience.learn("a", 1);
  expect(patience.timeoutMs("a", 0)).toBe(100);
  for (let i = 0; i < 50; i++) patience.learn("a", 5_000);
  expect(patience.timeoutMs("a", 0)).toBe(1_000);
});

test("a host that has not answered yet is given what the others need", () => {
  const patience = new Patience("adaptive");
  patience.learn("a", 50);
  expect(patience.timeoutMs("b", 0)).toBe(150);
});

test("asking again takes twice what a host needs: no longer, where that is little", () => {
  const patience = new Patience("adaptive");
  for (let i = 0; i < 50; i++) patience.learn("near", 0.1);
  for (let i = 0; i < 50; i++) patience.learn("far", 80);
  expect([0, 1].map((asked) => patience.timeoutMs("near", asked))).toEqual([100, 100]);
  expect(patience.timeoutMs("far", 1)).toBeCloseTo(160, 0);
  for (let i = 0; i < 50; i++) patience.learn("far", 5_000);
  expect(patience.timeoutMs("far", 1)).toBe(2_000);
});

test("a fixed time-out stays what it is", () => {
  const patience = new Patience(70);
  patience.learn("a", 500);
  expect(patience.timeoutMs("a", 0)).toBe(70);
});

test("the window halves when this machine cannot ask, once for each moment, and grows slowly", () => {
  const window = new Window(100);
  window.shrink(1_000, 80);
  window.shrink(1_010, 60);
  expect(window.size).toBe(40);
  expect(window.pauseMs(1_010)).toBe(40);
  expect(window.pauseMs(1_050)).toBe(0);
  for (let i = 0; i < 40; i++) window.grow();
  expect(window.size).toBe(40);
  window.grow();
  expect(window.size).toBe(41);
  for (let i = 0; i < 10_000; i++) window.grow();
  expect(window.size).toBe(100);
  for (let i = 0; i < 20; i++) window.shrink(10_000 * i, 100);
  expect(window.size).toBe(1);
});

test("a rate spreads attempts evenly, and catches up on little", () => {
  const rate = new Rate(100);
  rate.take(1_000);
  expect(rate.pauseMs(1_000)).toBe(0);
  rate.take(1_000);
  expect(rate.pauseMs(1_000)).toBe(10);
  expect(rate.pauseMs(1_010)).toBe(0);
  rate.take(9_000);
  rate.take(9_000);
  expect(rate.pauseMs(9_000)).toBe(10);
  expect(new Rate(Number.POSITIVE_INFINITY).pauseMs(5)).toBe(0);
});

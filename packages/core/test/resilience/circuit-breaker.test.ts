import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  CircuitOpenError,
  ValidationError,
} from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";

function breaker(options: CircuitBreakerOptions = {}) {
  const clock = new FakeClock();
  const changes: string[] = [];
  const circuit = new CircuitBreaker({
    minimumCalls: 4,
    openFor: 1_000,
    window: 10_000,
    clock,
    onChange: (state) => changes.push(state),
    ...options,
  });
  const calls = (outcomes: string): void => {
    for (const outcome of outcomes) {
      if (outcome === "x") circuit.enter().failed();
      else circuit.enter().succeeded();
    }
  };
  return { clock, circuit, changes, calls };
}

test("it opens when half of at least so many calls failed, and then refuses at once", () => {
  const { circuit, calls, changes } = breaker({ name: "api.example" });
  calls("xxx");
  expect(circuit.state).toBe("closed");
  calls("x");

  expect(circuit.state).toBe("open");
  expect(changes).toEqual(["open"]);
  expect(() => circuit.enter()).toThrow("the circuit to api.example is open");
  expect(() => circuit.enter()).toThrow(CircuitOpenError);
});

test("fewer failures than the ratio leave it closed", () => {
  const { circuit, calls } = breaker();
  calls("..x..x..x..x");

  expect(circuit.state).toBe("closed");
});

test("old failures do not count", async () => {
  const { circuit, calls, clock } = breaker();
  calls("xxx");
  await clock.advance(10_000);
  calls("x");

  expect(circuit.state).toBe("closed");
});

test("after a while it lets one probe through, whose success closes it", async () => {
  const { circuit, calls, clock, changes } = breaker();
  calls("xxxx");
  await clock.advance(999);
  expect(() => circuit.enter()).toThrow(expect.objectContaining({ details: { retryAfterMs: 1 } }));
  await clock.advance(1);

  const probe = circuit.enter();
  expect(() => circuit.enter()).toThrow(CircuitOpenError);
  probe.succeeded();

  expect(circuit.state).toBe("closed");
  expect(changes).toEqual(["open", "half-open", "closed"]);
  calls("xxx");
  expect(circuit.state).toBe("closed");
});

test("a probe that fails opens it again, for as long", async () => {
  const { circuit, calls, clock } = breaker();
  calls("xxxx");
  await clock.advance(1_000);
  circuit.enter().failed();

  await clock.advance(999);
  expect(circuit.state).toBe("open");
  await clock.advance(1);
  expect(circuit.state).toBe("half-open");
});

test("several probes must all succeed; one given up makes room for another", async () => {
  const { circuit, calls, clock } = breaker({ probes: 2 });
  calls("xxxx");
  await clock.advance(1_000);
  const first = circuit.enter();
  const second = circuit.enter();
  expect(() => circuit.enter()).toThrow(CircuitOpenError);

  second.ignored();
  second.failed();
  const third = circuit.enter();
  first.succeeded();
  expect(circuit.state).toBe("half-open");
  third.succeeded();

  expect(circuit.state).toBe("closed");
});

test("an answer from before it opened does not count", async () => {
  const { circuit, calls, clock } = breaker();
  const slow = circuit.enter();
  calls("xxxx");
  await clock.advance(1_000);
  const probe = circuit.enter();

  slow.failed();
  expect(circuit.state).toBe("half-open");
  probe.succeeded();
  expect(circuit.state).toBe("closed");
});

test("run counts rejections, but those that are no failure", async () => {
  const { circuit } = breaker();
  const reject = (error: Error) => () => Promise.reject(error);

  for (let i = 0; i < 4; i++) {
    await circuit
      .run(reject(new TypeError("mine")), (error) => !(error instanceof TypeError))
      .catch(() => {});
  }
  expect(circuit.state).toBe("closed");
  for (let i = 0; i < 4; i++) await circuit.run(reject(new Error("theirs"))).catch(() => {});
  expect(circuit.state).toBe("open");
  await expect(circuit.run(() => 1)).rejects.toThrow(CircuitOpenError);
});

test.each([
  { failureRatio: 2 },
  { minimumCalls: 0 },
  { probes: 0.5 },
  { openFor: 0 },
  { window: -1 },
])("%o is refused", (options) => {
  expect(() => new CircuitBreaker(options)).toThrow(ValidationError);
});

import { memorySessionStore } from "@net/ws/session";
import { sessionStoreConformance } from "@net/ws/testing";
import { describe, test } from "vitest";

describe("the memory store", () => {
  for (const { name, run } of sessionStoreConformance({ open: memorySessionStore })) {
    test(name, run);
  }
});

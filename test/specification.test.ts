import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { networkingCapabilities } from "./specification/1-networking-capabilities.ts";
import { networkingClasses } from "./specification/2-networking-classes.ts";
import { peerNetworking } from "./specification/3-peer-networking.ts";
import { networkServer } from "./specification/4-network-server.ts";
import { multiDeviceCommunication } from "./specification/5-multi-device-communication.ts";
import type { Document, Done, Open } from "./specification/row.ts";
import { namedExports } from "./support/imports.ts";
import { sourceOf } from "./support/module-graph.ts";
import { root } from "./support/workspace.ts";

const documents: readonly Document[] = [
  networkingCapabilities,
  networkingClasses,
  peerNetworking,
  networkServer,
  multiDeviceCommunication,
];

const doneOf = ({ rows }: Document): Done[] => rows.filter((row) => row.status === "done");
const openOf = ({ rows }: Document): Open[] => rows.filter((row) => row.status === "open");

describe.each(documents)("the specification of $title", (document) => {
  test("names each thing once", () => {
    const names = document.rows.map(({ name }) => name);

    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test.each(doneOf(document))("$name: $does", async ({ where, proof }) => {
    await assertThere(where);
    await proof();
  });
});

/** That the entry exports the name, types included, and a class the member; or that the file exists. */
async function assertThere(where: string): Promise<void> {
  const place = /^(?<entry>@net\/\S+) (?<name>\w+)(?:#(?<member>\w+))?$/.exec(where)?.groups;
  if (!place) {
    expect(existsSync(join(root, where)), where).toBe(true);
    return;
  }
  const { entry = "", name = "", member } = place;
  expect(namedExports(sourceOf(entry)), where).toContain(name);
  if (member === undefined) return;
  const exported = ((await import(entry)) as Record<string, { prototype: object }>)[name];
  expect(member in (exported?.prototype ?? {}), where).toBe(true);
}

test("what is open is told", () => {
  const lines = documents.flatMap((document) => [
    `${document.title}: ${doneOf(document).length} done, ${openOf(document).length} open`,
    ...openOf(document).map(
      ({ name, by }) => `  open: ${name} (${typeof by === "number" ? `issue ${by}` : by})`,
    ),
  ]);
  console.info(lines.join("\n"));

  expect(documents.flatMap(doneOf).length).toBeGreaterThan(0);
});

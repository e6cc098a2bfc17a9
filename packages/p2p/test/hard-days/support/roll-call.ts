import type { PeerProcess } from "./peer-process.ts";
import { answerOf } from "./tools.ts";
import { TOPIC } from "./witness.ts";
import type { World } from "./world.ts";

/** Within which everybody has what was published, also where the tree has to be repaired for it, in ms. */
const NEWS = 3_000;

/** Everybody calls everybody, and publishes something. @returns what of it did not arrive; empty if all is well. */
export async function rollCall(world: World): Promise<string[]> {
  const { processes, clock } = world;
  for (const { network, name } of processes) network.publish(TOPIC, wellOf(name));
  const answers = await world.until(Promise.all(processes.map((from) => askAll(from, processes))));
  await clock.advance(NEWS);
  return [...answers.flat(), ...processes.flatMap((process) => unheard(process, processes))];
}

async function askAll(from: PeerProcess, all: readonly PeerProcess[]): Promise<string[]> {
  const others = all.filter((to) => to !== from);
  const answers = await Promise.all(others.map((to) => ask(from, to)));
  return answers.filter((answer) => answer !== "");
}

/** @returns nothing, if it gets its answer. */
async function ask({ name, network }: PeerProcess, { id }: PeerProcess): Promise<string> {
  const question = { id: `${name} to ${id}`, n: 5, takesMs: 0 };
  try {
    const answer = await network.executeRemoteTool(id, "read", question, { deadlineMs: 2_000 });
    return answer === answerOf(id, question) ? "" : `${question.id}: ${answer}`;
  } catch (error) {
    return `${question.id}: ${error}`;
  }
}

function unheard({ name, witness }: PeerProcess, all: readonly PeerProcess[]): string[] {
  return all
    .filter((from) => !witness.hasHeard(wellOf(from.name)))
    .map((from) => `${name} has not heard ${from.name}`);
}

function wellOf(name: string): string {
  return `${name} is well`;
}

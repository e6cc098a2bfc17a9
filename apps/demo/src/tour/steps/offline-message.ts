import { randomBytes } from "node:crypto";
import type { Credentials } from "../../peer/methods.ts";
import { expectSeen } from "../expect.ts";
import type { Step } from "../step.ts";
import type { World } from "../world.ts";

const TEXT = "The words are counted. The report waits for you.";

/** alice's agent writes to bob while he is offline; bob reads it after he logged in. */
export const offlineMessage: Step = {
  name: "offline-message",
  title: "A message for somebody who is not there",
  async run(world, signal) {
    const [alice, bob] = [world.peer("desktop"), world.peer("laptop")];
    const bobsLogin = credentials(world, "bob");
    await alice.call("signUp", credentials(world, "alice"), { signal });
    await bob.call("signUp", bobsLogin, { signal });
    await alice.call("befriend", { username: "bob" }, { signal });
    await bob.call("acceptFriend", { username: "alice" }, { signal });
    await bob.call("logOut", {}, { signal });

    await alice.call("sendText", { to: "bob", text: TEXT }, { signal });
    await bob.call("logIn", bobsLogin, { signal });
    const message = await bob.call("nextMessage", {}, { signal });
    expectSeen(
      message.from === "alice" && message.text === TEXT,
      `bob read something else: ${message.text}`,
    );

    const waitedMs = message.receivedAtMs - message.sentAtMs;
    return {
      facts: { from: message.from, to: "bob", seq: message.seq, waitedMs, text: message.text },
      words: `alice wrote while bob was logged out; bob logged in and read message ${message.seq} of his inbox, ${waitedMs} ms after it was written`,
      lines: [`alice → bob: "${message.text}"`],
    };
  },
};

function credentials(world: World, username: string): Credentials {
  return { url: world.serverUrl, username, password: randomBytes(16).toString("hex") };
}

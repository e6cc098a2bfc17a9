import { NetworkError } from "@net/core";
import { serve } from "../process/serve.ts";
import { Account } from "./account.ts";
import { Machine } from "./machine.ts";
import type { PeerMethods } from "./methods.ts";

const account = new Account();
let machine: Machine | undefined;

function started(): Machine {
  if (!machine) throw new NetworkError("INVALID_STATE", "this machine was not started");
  return machine;
}

serve<PeerMethods>({
  async start(config) {
    machine ??= await Machine.start(config);
    return { address: machine.address };
  },
  reach: ({ peerIds }) => started().reach(peerIds),
  discovered: async ({ peerIds }) => await started().discovered(peerIds),
  refusal: ({ by }) => started().refusal(by),
  map: () => started().map(),
  countWords: (params) => started().countWords(params),
  countPieces: ({ pieces }) => started().countPieces(pieces),
  countSlowly: (params) => started().countSlowly(params),
  invite: ({ name }) => started().invite(name),
  signUp: (credentials) => account.signUp(credentials),
  logIn: (credentials) => account.logIn(credentials),
  logOut: () => account.logOut(),
  befriend: ({ username }) => account.befriend(username),
  acceptFriend: ({ username }) => account.acceptFriend(username),
  sendText: ({ to, text }) => account.sendText(to, text),
  nextMessage: () => account.nextMessage(),
});

// A peer that only relays.
import { answerParent, givenArguments } from "../processes.js";
import { startPeer } from "../rivals/mesh.js";

const [options] = givenArguments();
const network = await startPeer("relay", options);
answerParent(network.address);

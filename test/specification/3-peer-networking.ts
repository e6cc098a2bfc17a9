import { executionRows } from "./3-peer-networking/execution.ts";
import { peerNetworkRows } from "./3-peer-networking/peer-network.ts";
import { qosRows } from "./3-peer-networking/qos.ts";
import { topologyRows } from "./3-peer-networking/topology.ts";
import { type Document, open } from "./row.ts";

/** The peer-to-peer networking package. */
export const peerNetworking: Document = {
  title: "peer networking",
  rows: [
    ...peerNetworkRows,
    ...topologyRows,
    ...qosRows,
    ...executionRows,

    open(
      "new SSHClient({ host, port, username, privateKeyPath })",
      "a server by SSH",
      "@net/ssh SSHClient",
      "later: ssh",
    ),
    open(
      "SSHClient password authentication",
      "instead of a key",
      "@net/ssh SSHClient",
      "later: ssh",
    ),
    open(
      "SSHClient.connect() (SSH)",
      "opens the session",
      "@net/ssh SSHClient#connect",
      "later: ssh",
    ),
    open(
      "SSHClient.execute(command)",
      "standard output and error",
      "@net/ssh SSHClient#execute",
      "later: ssh",
    ),
    open("SSHClient.disconnect()", "ends it", "@net/ssh SSHClient#disconnect", "later: ssh"),
  ],
};

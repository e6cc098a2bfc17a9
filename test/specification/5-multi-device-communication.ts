import { DeviceDiscovery } from "@net/p2p";
import { expect } from "vitest";
import { shownBy } from "./proofs.ts";
import { type Document, done, open } from "./row.ts";

/** Multi-device communication between agents. */
export const multiDeviceCommunication: Document = {
  title: "multi-device communication",
  rows: [
    // Agent nodes
    open(
      "new EnigmaNode({ name, port })",
      "an agent's node, under its old name",
      "@net/agents EnigmaNode",
      "later: agents",
    ),
    open(
      "EnigmaNode.startServer()",
      "accepts connections",
      "@net/agents EnigmaNode#startServer",
      "later: agents",
    ),
    open(
      "EnigmaNode.connectTo(address)",
      "links to another node",
      "@net/agents EnigmaNode#connectTo",
      "later: agents",
    ),
    open(
      "EnigmaNode.askPeer(name, prompt)",
      "asks another node's model",
      "@net/agents EnigmaNode#askPeer",
      "later: agents",
    ),
    open("EnigmaNode generates answers", "with a model", "@net/agents EnigmaNode", "later: agents"),
    open(
      "EnigmaNode starts conversations between AIs",
      "with other nodes",
      "@net/agents EnigmaNode",
      "later: agents",
    ),
    open("Message", "what nodes send", "@net/agents Message", "later: agents"),
    // Conversations
    open("new AIConversation()", "several AIs talk", "@net/agents AIConversation", "later: agents"),
    open(
      "AIConversation.addParticipant(name, { personality })",
      "adds one",
      "@net/agents AIConversation#addParticipant",
      "later: agents",
    ),
    open(
      "AIConversation.converse(topic, { numTurns })",
      "gives { speaker, message } in turn",
      "@net/agents AIConversation#converse",
      "later: agents",
    ),
    open("AIParticipant", "one that talks", "@net/agents AIParticipant", "later: agents"),
    // Servers for phones, browsers and programs
    open(
      "createApiServer()",
      "answers over HTTP, port 5000",
      "@net/agents createApiServer",
      "later: agents",
    ),
    open("APIServer", "what that makes", "@net/agents APIServer", "later: agents"),
    open(
      "createWebServer({ port })",
      "the web interface",
      "@net/agents createWebServer",
      "later: web",
    ),
    open("WebServer.run()", "serves it", "@net/agents WebServer#run", "later: web"),
    open(
      "WebServer: chat over WebSocket, REST as a fallback",
      "talks at once",
      "@net/agents WebServer",
      "later: web",
    ),
    open("WebServer: dark theme, for phones", "looks right", "@net/web", "later: web"),
    open("GET /qr", "a code to scan", "@net/agents WebServer", "later: web"),
    open("GET /", "the web interface", "@net/agents WebServer", "later: web"),
    open("GET /health", "whether it is well", "@net/agents", "later: agents"),
    open("GET /info", "what it is", "@net/agents", "later: agents"),
    open(
      "POST /generate { prompt, max_gen }",
      "gives { text, from }",
      "@net/agents",
      "later: agents",
    ),
    open("POST /connect", "registers a peer", "@net/agents", "later: agents"),
    open("POST /message", "a message to the node", "@net/agents", "later: agents"),
    open("MobileAPI", "for apps on phones", "@net/agents MobileAPI", "later: agents"),
    open("MobileAPI: compact JSON", "little data", "@net/agents MobileAPI", "later: agents"),
    open(
      "MobileAPI: voice input and output",
      "speaks and listens",
      "@net/agents MobileAPI",
      "later: agents",
    ),
    open(
      "MobileAPI: a conversation per device",
      "each has its context",
      "@net/agents MobileAPI",
      "later: agents",
    ),
    open(
      "MobileAPI: Flutter and React Native templates",
      "to start an app from",
      "@net/agents",
      "later: agents",
    ),
    open(
      "new RemoteClient(url)",
      "asks any of these servers",
      "@net/agents RemoteClient",
      "later: agents",
    ),
    open(
      "RemoteClient.isAvailable()",
      "whether it answers",
      "@net/agents RemoteClient#isAvailable",
      "later: agents",
    ),
    open(
      "RemoteClient.generate(prompt)",
      "asks",
      "@net/agents RemoteClient#generate",
      "later: agents",
    ),
    // Discovery
    open(
      "discoverEnigmaNodes()",
      "name → { ip, port } of each node",
      "@net/agents discoverEnigmaNodes",
      "later: agents",
    ),
    done(
      "new DeviceDiscovery()",
      "finds nodes",
      "@net/p2p DeviceDiscovery#discover",
      shownBy(
        "packages/p2p/test/discovery/discovery.test.ts",
        "DeviceDiscovery gives a list of what it finds in its time",
      ),
    ),
    done(
      "DeviceDiscovery by UDP broadcast",
      "fast",
      "@net/p2p DeviceDiscovery",
      shownBy(
        "packages/p2p/test/discovery/broadcast/broadcast.test.ts",
        "whoever asks by broadcast is answered by the peers of its network",
      ),
    ),
    done(
      "DeviceDiscovery by mDNS",
      "without configuration",
      "@net/p2p DeviceDiscovery#nodes",
      shownBy(
        "packages/p2p/test/discovery/discovery.test.ts",
        "whoever asks is answered by a peer that was there before",
      ),
    ),
    done(
      "DeviceDiscovery by IP scan",
      "slow and sure",
      "@net/p2p DeviceDiscovery",
      shownBy(
        "packages/p2p/test/discovery/range/range.test.ts",
        "a port that is open in the range is a node that nobody vouches for; then the search ends",
      ),
    ),
    done("DeviceDiscovery by address", "always works", "@net/p2p DeviceDiscovery", async () => {
      const found = await new DeviceDiscovery({ manual: ["ws://192.168.1.100:5000"] }).discover();
      expect([...found.values()]).toMatchObject([{ host: "192.168.1.100", port: 5000 }]);
    }),
    // Memories and models
    open("new MemorySync()", "shares memories", "@net/sync MemorySync", "later: sync"),
    open(
      "MemorySync.syncWithPeer(url, name)",
      "with one peer",
      "@net/sync MemorySync#syncWithPeer",
      "later: sync",
    ),
    open("full sync", "everything", "@net/sync MemorySync", "later: sync"),
    open("delta sync", "what is new", "@net/sync MemorySync", "later: sync"),
    open("OfflineSync.exportToFile(path)", "to a stick", "@net/sync OfflineSync", "later: sync"),
    open(
      "OfflineSync.importFromFile(path)",
      "from a stick",
      "@net/sync OfflineSync",
      "later: sync",
    ),
    open(
      "ModelExporter.exportModel(name, folder)",
      "makes <name>_package.zip",
      "@net/sync ModelExporter",
      "later: sync",
    ),
    open(
      "ModelExporter.importModel(path)",
      "takes it in",
      "@net/sync ModelExporter",
      "later: sync",
    ),
    // Protocols
    open(
      "new ProtocolManager()",
      "connections to games, robots, APIs",
      "@net/protocols ProtocolManager",
      "later: protocols",
    ),
    open(
      "ProtocolConfig",
      "one connection's settings",
      "@net/protocols ProtocolConfig",
      "later: protocols",
    ),
    open(
      "ProtocolManager loads and saves JSON",
      "data/protocols/{game,robot,api}/*.json",
      "@net/protocols ProtocolManager",
      "later: protocols",
    ),
    ...["name", "protocol", "host", "port", "enabled", "commands"].map((field) =>
      open(
        `ProtocolConfig.${field}`,
        "a field of the file",
        "@net/protocols ProtocolConfig",
        "later: protocols",
      ),
    ),
    ...["WebSocket", "HTTP", "TCP", "UDP", "Serial", "ROS", "MQTT", "OSC"].map((protocol) =>
      open(
        `protocol ${protocol}`,
        "can be spoken",
        "@net/protocols ProtocolManager",
        "later: protocols",
      ),
    ),
    open(
      "commands with {placeholders}",
      "say: /say {message}, time: /time set {value}",
      "@net/protocols ProtocolManager",
      "later: protocols",
    ),
    // Examples
    open("example: an API client", "runs", "@net/agents", "later: agents"),
    open("example: several devices", "runs", "@net/agents", "later: agents"),
  ],
};

export type { Channel as PeerLink } from "../channel/channel.ts";

import type { Agent } from "../../agents/agent.ts";
import type { Agents } from "../../agents/agents.ts";
import type { Guard, Route } from "../route.ts";
import { agentsBody } from "../schemas.ts";

export function agentRoutes(agents: Agents, guard: Guard): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/agents/:friendId",
      handle: guard(async ({ user }, { params }) => {
        return { body: { agents: await agents.list(user, params.friendId ?? "") } };
      }),
    },
    {
      method: "PUT",
      path: "/agents",
      body: agentsBody,
      handle: guard(async ({ user }, { body }) => {
        const registered = (body as { readonly agents: readonly Agent[] }).agents;
        await agents.register(user, registered);
        return { body: { agents: registered } };
      }),
    },
  ];
}

import type { Friends } from "../../friends/friends.ts";
import type { Guard, Route } from "../route.ts";

export function friendRoutes(friends: Friends, guard: Guard): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/friends",
      handle: guard(async ({ user }) => ({ body: await friends.list(user) })),
    },
    {
      method: "POST",
      path: "/friend_request/:username",
      handle: guard(async ({ user }, { params }) => {
        const state = await friends.request(user, params.username ?? "");
        return { body: { state } };
      }),
    },
    {
      method: "POST",
      path: "/accept_friend_request/:username",
      handle: guard(async ({ user }, { params }) => {
        const friend = await friends.accept(user, params.username ?? "");
        return { body: { friend } };
      }),
    },
  ];
}

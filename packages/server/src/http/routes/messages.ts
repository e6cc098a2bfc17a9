import type { Draft, Messages } from "../../messages/messages.ts";
import type { Guard, Route } from "../route.ts";
import { messageBody } from "../schemas.ts";

export function messageRoutes(messages: Messages, guard: Guard): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/message/:friendId",
      body: messageBody,
      handle: guard(async ({ user }, { params, body }) => {
        const draft = body as Draft;
        const { sentAtMs, isNew } = await messages.send(user, params.friendId ?? "", draft);
        return { status: isNew ? 201 : 200, body: { id: draft.id, sentAtMs } };
      }),
    },
  ];
}

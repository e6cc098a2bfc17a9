import type { Accounts, Credentials } from "../../accounts/accounts.ts";
import type { Connections } from "../../delivery/connections.ts";
import type { Guard, Route } from "../route.ts";
import { loginBody, signupBody } from "../schemas.ts";

/** The device of a login that names none. */
const DEFAULT_DEVICE = "default";

export function accountRoutes(
  accounts: Accounts,
  connections: Connections,
  guard: Guard,
): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/signup",
      body: signupBody,
      handle: async ({ body, ip }) => {
        const user = await accounts.signup(body as Credentials, ip);
        return { status: 201, body: { user } };
      },
    },
    {
      method: "POST",
      path: "/login",
      body: loginBody,
      handle: async ({ body, ip }) => {
        const { device = DEFAULT_DEVICE, ...credentials } = body as Credentials & {
          readonly device?: string;
        };
        const login = await accounts.login({ ...credentials, device }, ip);
        return { body: { ...login, device: login.device.name } };
      },
    },
    {
      method: "POST",
      path: "/logout",
      handle: guard(async (session) => {
        await accounts.logout(session);
        connections.endSession(session);
        return {};
      }),
    },
  ];
}

/**
 * `@net/http/oauth2`: client credentials for `auth`. For Node.
 *
 * @module
 */

export {
  type ClientCredentialsOptions,
  clientCredentials,
} from "./client-credentials.ts";

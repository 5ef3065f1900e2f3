import { localCredentials } from "@fanfare/runtime";
import { type ApiClient, createApiClient } from "../api-client.js";
import type { CliConfig } from "../config.js";

/** The API that `send` and `watch` talk to: the one of this machine unless the environment says otherwise. */
export function connectApi(config: CliConfig): ApiClient {
  const url = config.FANFARE_URL ?? `http://127.0.0.1:${config.PORT}`;
  const { FANFARE_ACCOUNT_ID, FANFARE_AUTH_TOKEN } = config;
  if (FANFARE_ACCOUNT_ID && FANFARE_AUTH_TOKEN) return createApiClient(url, FANFARE_ACCOUNT_ID, FANFARE_AUTH_TOKEN);
  const { accountId, authToken } = localCredentials(config.FANFARE_DATA_DIR);
  return createApiClient(url, accountId, authToken);
}

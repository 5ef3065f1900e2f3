import { findLocalCredentials } from "@fanfare/runtime";
import { type ApiClient, ApiError, createApiClient } from "../api-client.js";
import type { CliConfig } from "../config.js";

/** The API that `send` and `watch` talk to: the one of this machine unless the environment says otherwise. */
export function connectApi(config: CliConfig): ApiClient {
  const url = config.FANFARE_URL ?? `http://127.0.0.1:${config.PORT}`;
  const { FANFARE_ACCOUNT_ID, FANFARE_AUTH_TOKEN } = config;
  if (FANFARE_ACCOUNT_ID && FANFARE_AUTH_TOKEN) return createApiClient(url, FANFARE_ACCOUNT_ID, FANFARE_AUTH_TOKEN);
  const local = findLocalCredentials(config.FANFARE_DATA_DIR);
  if (!local) {
    throw new ApiError(
      `There are no credentials in ${config.FANFARE_DATA_DIR}: start Fanfare there first (npm start), ` +
        "or set FANFARE_ACCOUNT_ID and FANFARE_AUTH_TOKEN.",
    );
  }
  return createApiClient(url, local.accountId, local.authToken);
}

import { findLocalCredentials, urlOfListener } from "@fanfare/runtime";
import { type ApiClient, createApiClient } from "../api-client.js";
import { CommandError } from "../command-error.js";
import type { CliConfig } from "../config.js";

/** The API as an account: the one of this machine unless the environment says otherwise. */
export function connectApi(config: CliConfig): ApiClient {
  const { FANFARE_ACCOUNT_ID, FANFARE_AUTH_TOKEN } = config;
  if (FANFARE_ACCOUNT_ID && FANFARE_AUTH_TOKEN) {
    return createApiClient(urlOf(config), FANFARE_ACCOUNT_ID, FANFARE_AUTH_TOKEN);
  }
  const { accountId, authToken } = requireLocal(config, "FANFARE_ACCOUNT_ID and FANFARE_AUTH_TOKEN");
  return createApiClient(urlOf(config), accountId, authToken);
}

/** The API as the operator. */
export function connectAsOperator(config: CliConfig): ApiClient {
  const password = config.FANFARE_ADMIN_PASSWORD ?? requireLocal(config, "FANFARE_ADMIN_PASSWORD").adminPassword;
  return createApiClient(urlOf(config), "admin", password);
}

function urlOf({ FANFARE_URL, HOST, PORT }: CliConfig): string {
  if (FANFARE_URL !== undefined) return FANFARE_URL;
  if (PORT !== 0) return urlOfListener(HOST, PORT);
  throw new CommandError("With PORT=0 nobody knows where the API is: set FANFARE_URL to the address that it printed.");
}

function requireLocal({ FANFARE_DATA_DIR }: CliConfig, settings: string) {
  const local = findLocalCredentials(FANFARE_DATA_DIR);
  if (local) return local;
  throw new CommandError(
    `There are no credentials in ${FANFARE_DATA_DIR}: start Fanfare there first (npm start), or set ${settings}.`,
  );
}

import { findLocalCredentials, urlOfListener } from "@fanfare/runtime";
import { type ApiClient, createApiClient } from "../api-client.js";
import { CommandError } from "../command-error.js";
import type { CliConfig } from "../config.js";

/** The API as an account, or an API key of one: the account of this machine unless the environment says otherwise. */
export function connectApi(config: CliConfig): ApiClient {
  const { FANFARE_API_KEY, FANFARE_API_KEY_SECRET, FANFARE_ACCOUNT_ID, FANFARE_AUTH_TOKEN } = config;
  if (FANFARE_API_KEY && FANFARE_API_KEY_SECRET) {
    return createApiClient(urlOf(config), FANFARE_API_KEY, FANFARE_API_KEY_SECRET);
  }
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

/** What is managed, as whom: an account that the operator names, or one's own. */
export async function connectToManage(
  config: CliConfig,
  account: string | undefined,
): Promise<{ api: ApiClient; accountId: string }> {
  if (account !== undefined) return { api: connectAsOperator(config), accountId: account };
  const api = connectApi(config);
  const [own] = await api.accounts();
  if (!own) throw new CommandError("The account of these credentials is not there any more.");
  return { api, accountId: own.id };
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

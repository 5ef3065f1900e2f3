import type {
  AccountResource,
  ApiKeyResource,
  AttemptResource,
  AuditEventResource,
  NotificationDetails,
  NotificationResource,
  OperationResource,
  Scope,
} from "@fanfare/domain";
import { ApiError } from "./api-error.js";
import { callApi, requestApi } from "./call-api.js";

/** The few calls of the API that the commands make. */
export interface ApiClient {
  send(body: unknown, headers?: Record<string, string>): Promise<{ operationId: string; operationLocation: string }>;
  operation(id: string): Promise<OperationResource>;
  notifications(operationId: string, pageSize: number): Promise<NotificationResource[]>;
  notification(id: string): Promise<NotificationDetails>;
  attempts(notificationId: string): Promise<AttemptResource[]>;
  cancel(operationId: string): Promise<OperationResource>;
  accounts(): Promise<AccountResource[]>;
  createAccount(name: string): Promise<AccountResource & { authToken: string }>;
  updateAccount(id: string, change: object): Promise<AccountResource>;
  rotateToken(id: string, previousValidSeconds: number): Promise<AccountResource & { authToken: string }>;
  apiKeys(accountId: string): Promise<ApiKeyResource[]>;
  createApiKey(
    accountId: string,
    key: { name: string; scopes: readonly Scope[] },
  ): Promise<ApiKeyResource & { secret: string }>;
  revokeApiKey(accountId: string, id: string): Promise<void>;
  /** Any call. Resolves with the answer of one that succeeded, of which nothing was read yet. */
  request(path: string, init: RequestInit): Promise<Response>;
  /** One page of an account's audit log, or of all accounts', newest first. */
  auditEvents(accountId: string | undefined, query: URLSearchParams): Promise<AuditEventResource[]>;
}

const PUSHES = "/v1/PushNotifications";
const ACCOUNTS = "/v1/Accounts";

/** Makes a client of the API at `url`, for an account, an API key or the operator. Its calls reject with an ApiError. */
export function createApiClient(url: string, user: string, password: string): ApiClient {
  const place = { url: url.replace(/\/+$/, ""), user, password };
  const call = <Answer>(path: string, field?: keyof Answer & string, init: RequestInit = {}) =>
    callApi<Answer>(place, path, init, field);
  const post = <Answer>(path: string, field: keyof Answer & string, body: unknown, headers = {}) =>
    call<Answer>(path, field, { method: "POST", body: JSON.stringify(body), headers });

  /** All entries of a list that is not long. */
  async function all<Entry>(path: string, name: string): Promise<Entry[]> {
    const entries: Entry[] = [];
    for (let query: string | undefined = "?pageSize=1000"; query !== undefined; ) {
      const page: Record<string, Entry[]> & { pagination: { next: string | null } } = await call(
        `${path}${query}`,
        "pagination",
      );
      entries.push(...(page[name] ?? []));
      // Whatever host and path callers from elsewhere reach the API under, here it is at `url`.
      query = page.pagination.next === null ? undefined : new URL(page.pagination.next).search;
    }
    return entries;
  }

  return {
    request: (path, init) => requestApi(place, path, init),
    send: (body, headers = {}) => post(PUSHES, "operationId", body, headers),
    operation: async (id) => call(`${PUSHES}/Operations/${segment(id)}`, "stats"),
    async notifications(operationId, pageSize) {
      const query = new URLSearchParams({ operationId, pageSize: String(pageSize) });
      return (await call<{ notifications: NotificationResource[] }>(`${PUSHES}?${query}`, "notifications"))
        .notifications;
    },
    notification: async (id) => call(`${PUSHES}/${segment(id)}`, "id"),
    attempts: async (id) =>
      (await call<{ attempts: AttemptResource[] }>(`${PUSHES}/${segment(id)}/Attempts`, "attempts")).attempts,
    cancel: async (id) => call(`${PUSHES}/Operations/${segment(id)}/Cancel`, "id", { method: "POST" }),
    accounts: () => all(ACCOUNTS, "accounts"),
    createAccount: (name) => post(ACCOUNTS, "authToken", { name }),
    updateAccount: async (id, change) => call(accountPath(id), "id", { method: "PATCH", body: JSON.stringify(change) }),
    rotateToken: async (id, previousValidSeconds) =>
      post(`${accountPath(id)}/AuthToken`, "authToken", { previousValidSeconds }),
    apiKeys: async (accountId) => all(`${accountPath(accountId)}/Keys`, "keys"),
    createApiKey: async (accountId, key) => post(`${accountPath(accountId)}/Keys`, "secret", key),
    revokeApiKey: async (accountId, id) =>
      call(`${accountPath(accountId)}/Keys/${segment(id)}`, undefined, { method: "DELETE" }),
    async auditEvents(accountId, query) {
      const path = accountId === undefined ? "/v1/Audit" : `${accountPath(accountId)}/Audit`;
      return (await call<{ auditEvents: AuditEventResource[] }>(`${path}?${query}`, "auditEvents")).auditEvents;
    },
  };
}

const accountPath = (id: string) => `${ACCOUNTS}/${segment(id)}`;

/** An id as a part of a path. What a URL takes for a way up, or for nothing, would address something else. */
function segment(id: string): string {
  if (/^\.{0,2}$/.test(id) || !id.isWellFormed()) throw new ApiError(`${JSON.stringify(id)} is no id.`);
  return encodeURIComponent(id);
}

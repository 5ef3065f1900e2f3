import type {
  AccountResource,
  ApiKeyResource,
  AttemptResource,
  NotificationDetails,
  NotificationResource,
  OperationResource,
  Scope,
} from "@fanfare/domain";

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
  apiKeys(): Promise<ApiKeyResource[]>;
  createApiKey(name: string, scopes: readonly Scope[]): Promise<ApiKeyResource & { secret: string }>;
  revokeApiKey(id: string): Promise<void>;
}

/** Says that a call of the API failed, in words for whoever made it. */
export class ApiError extends Error {
  override readonly name = "ApiError";
}

const PUSHES = "/v1/PushNotifications";

/** Makes a client of the API at `url`, for an account, an API key or the operator. Its calls reject with an ApiError. */
export function createApiClient(url: string, user: string, password: string): ApiClient {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

  async function call<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
    const headers = { authorization, "content-type": "application/json", ...init.headers };
    const res = await fetch(`${url}${path}`, { ...init, headers }).catch((cause: unknown) => {
      throw new ApiError(`Fanfare can not be reached at ${url}; is it running?`, { cause });
    });
    const body: unknown = res.status === 204 ? undefined : await res.json();
    if (!res.ok) throw new ApiError(describeProblem(res.status, body as Problem));
    return body as Answer;
  }
  const post = <Answer>(path: string, body: unknown, headers = {}) =>
    call<Answer>(path, { method: "POST", body: JSON.stringify(body), headers });

  /** All entries of a list that is not long. */
  async function all<Entry>(path: string, name: string): Promise<Entry[]> {
    const entries: Entry[] = [];
    for (let next: string | null = `${url}${path}?pageSize=1000`; next; ) {
      const { pathname, search } = new URL(next);
      const page: Record<string, Entry[]> & { pagination: { next: string | null } } = await call(
        `${pathname}${search}`,
      );
      entries.push(...(page[name] ?? []));
      next = page.pagination.next;
    }
    return entries;
  }

  return {
    send: (body, headers = {}) => post(PUSHES, body, headers),
    operation: (id) => call(`${PUSHES}/Operations/${encodeURIComponent(id)}`),
    async notifications(operationId, pageSize) {
      const query = new URLSearchParams({ operationId, pageSize: String(pageSize) });
      return (await call<{ notifications: NotificationResource[] }>(`${PUSHES}?${query}`)).notifications;
    },
    notification: (id) => call(`${PUSHES}/${encodeURIComponent(id)}`),
    attempts: async (id) =>
      (await call<{ attempts: AttemptResource[] }>(`${PUSHES}/${encodeURIComponent(id)}/Attempts`)).attempts,
    cancel: (id) => call(`${PUSHES}/Operations/${encodeURIComponent(id)}/Cancel`, { method: "POST" }),
    accounts: () => all("/v1/Accounts", "accounts"),
    createAccount: (name) => post("/v1/Accounts", { name }),
    updateAccount: (id, change) =>
      call(`/v1/Accounts/${encodeURIComponent(id)}`, { method: "PATCH", body: JSON.stringify(change) }),
    rotateToken: (id, previousValidSeconds) =>
      post(`/v1/Accounts/${encodeURIComponent(id)}/AuthToken`, { previousValidSeconds }),
    apiKeys: () => all("/v1/ApiKeys", "apiKeys"),
    createApiKey: (name, scopes) => post("/v1/ApiKeys", { name, scopes }),
    revokeApiKey: (id) => call(`/v1/ApiKeys/${encodeURIComponent(id)}`, { method: "DELETE" }),
  };
}

interface Problem {
  title?: string;
  detail?: string;
  errors?: { pointer: string; detail: string }[];
}

function describeProblem(status: number, { title, detail, errors = [] }: Problem): string {
  const fields = errors.map((error) => `\n  ${error.pointer}: ${error.detail}`).join("");
  return `${status} ${title ?? ""}: ${detail ?? ""}${fields}`;
}

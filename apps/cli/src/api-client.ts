import type { AttemptResource, NotificationDetails, NotificationResource, OperationResource } from "@fanfare/domain";

/** The few calls of the API that the commands make. */
export interface ApiClient {
  send(body: unknown, headers?: Record<string, string>): Promise<{ operationId: string; operationLocation: string }>;
  operation(id: string): Promise<OperationResource>;
  notifications(operationId: string, pageSize: number): Promise<NotificationResource[]>;
  notification(id: string): Promise<NotificationDetails>;
  attempts(notificationId: string): Promise<AttemptResource[]>;
}

/** Says that a call of the API failed, in words for whoever made it. */
export class ApiError extends Error {
  override readonly name = "ApiError";
}

/** Makes a client of the API at `url`. Its calls reject with an ApiError. */
export function createApiClient(url: string, accountId: string, authToken: string): ApiClient {
  const authorization = `Basic ${Buffer.from(`${accountId}:${authToken}`).toString("base64")}`;

  async function call<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
    const headers = { authorization, "content-type": "application/json", ...init.headers };
    const res = await fetch(`${url}/v1/PushNotifications${path}`, { ...init, headers }).catch((cause: unknown) => {
      throw new ApiError(`Fanfare can not be reached at ${url}; is it running?`, { cause });
    });
    const body: unknown = await res.json();
    if (!res.ok) throw new ApiError(describeProblem(res.status, body as Problem));
    return body as Answer;
  }

  return {
    send: (body, headers = {}) => call("", { method: "POST", body: JSON.stringify(body), headers }),
    operation: (id) => call(`/Operations/${id}`),
    async notifications(operationId, pageSize) {
      const query = new URLSearchParams({ operationId, pageSize: String(pageSize) });
      return (await call<{ notifications: NotificationResource[] }>(`?${query}`)).notifications;
    },
    notification: (id) => call(`/${id}`),
    attempts: async (id) => (await call<{ attempts: AttemptResource[] }>(`/${id}/Attempts`)).attempts,
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

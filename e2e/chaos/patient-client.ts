/** A client of the API that is cut off, told to come back later, and tries again. */
export interface PatientClient {
  /**
   * Makes a request until it has an answer that is not "later": 409 for a key that is being used, 429, 5xx, or none.
   *
   * @throws Error when there was none in time.
   */
  call(method: string, path: string, options?: CallOptions): Promise<{ status: number; body: unknown }>;
  /** How often a request was made again. */
  retries(): number;
}

interface CallOptions {
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
}

/** How long an answer is waited for, in milliseconds. */
const ANSWER_TIMEOUT_MS = 5_000;

/** For how long a request is made again, in milliseconds. */
const PATIENCE_MS = 120_000;

const RETRY_MS = 250;

/** Makes a client. */
export function createPatientClient(url: string, authorization: string): PatientClient {
  let retries = 0;

  async function tryOnce(method: string, path: string, { body, headers }: CallOptions) {
    const res = await fetch(`${url}${path}`, {
      method,
      headers: { authorization, ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const text = await res.text();
    const answer = { status: res.status, body: text === "" ? undefined : (JSON.parse(text) as unknown) };
    return isLater(answer) ? undefined : answer;
  }

  return {
    async call(method, path, options = {}) {
      let last: unknown = "only answers that say later";
      for (const giveUpAt = performance.now() + PATIENCE_MS; performance.now() < giveUpAt; retries++) {
        try {
          const answer = await tryOnce(method, path, options);
          if (answer) return answer;
        } catch (error) {
          // Cut off, refused, or too late: whether it was done is not known.
          last = error;
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
      throw new Error(`${method} ${path} had no answer within ${PATIENCE_MS} ms.`, { cause: last });
    },
    retries: () => retries,
  };
}

function isLater({ status, body }: { status: number; body: unknown }): boolean {
  const code = (body as { code?: string } | undefined)?.code;
  return status === 429 || status >= 500 || (status === 409 && code === "idempotency-key-in-progress");
}

import { ApiError } from "./api-error.js";

/** Where the API is, and who calls. */
export interface ApiPlace {
  /** Without a slash at its end. */
  url: string;
  user: string;
  password: string;
}

/** How long an answer may take, in milliseconds. */
const TIMEOUT_MS = 30_000;

/**
 * Makes a call and resolves with what was answered.
 *
 * @param field One that the answer has; absent: nothing is expected.
 * @throws ApiError when it is no success, or not the API's.
 */
export async function callApi<Answer>(
  place: ApiPlace,
  path: string,
  init: RequestInit,
  field?: keyof Answer & string,
): Promise<Answer> {
  const { res, text } = await ask(
    place,
    path,
    { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) },
    async (answered) => ({
      res: answered,
      text: await answered.text(),
    }),
  );
  if (res.status === 204 && field === undefined) return undefined as Answer;
  const body = parse(text);
  if (res.ok && body !== undefined && field !== undefined && field in body) return body as Answer;
  throw failureOf(place, path, res, body);
}

/**
 * Makes a call and resolves with the answer, of which nothing was read yet: it may be a stream without an end.
 *
 * @throws ApiError when it is no success.
 */
export async function requestApi(place: ApiPlace, path: string, init: RequestInit): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new DOMException("", "TimeoutError")), TIMEOUT_MS);
  const read = async (res: Response) => ({ res, refusal: res.ok ? "" : await res.text() });
  const { res, refusal } = await ask(place, path, { ...init, signal: late.signal }, read).finally(() =>
    clearTimeout(timer),
  );
  if (res.ok) return res;
  throw failureOf(place, path, res, parse(refusal));
}

/** Makes a request, and reads what is wanted of its answer. */
async function ask<Read>(
  { url, user, password }: ApiPlace,
  path: string,
  init: RequestInit,
  read: (res: Response) => Promise<Read>,
): Promise<Read> {
  const headers = new Headers(init.headers);
  headers.set("authorization", `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`);
  if (!headers.has("content-type")) headers.set("content-type", "application/json");
  try {
    // Followed, the credentials would go wherever the answer says.
    return await read(await fetch(`${url}${path}`, { ...init, headers, redirect: "manual" }));
  } catch (cause) {
    throw new ApiError(`Fanfare can not be reached at ${url}: ${describeFailure(cause)}.`, { cause, retryable: true });
  }
}

const RETRYABLE = new Set([408, 429, 502, 503, 504]);

/** What an answer that is not the one that was asked for is told as. */
function failureOf(place: ApiPlace, path: string, res: Response, body: object | undefined): ApiError {
  if (res.status >= 300 && res.status < 400) return new ApiError(describeRedirect(place, path, res));
  const retryAfterMs = Number(res.headers.get("retry-after") ?? Number.NaN) * 1_000 || undefined;
  const retryable = RETRYABLE.has(res.status);
  const isForeign = res.ok || body === undefined;
  const text = isForeign ? describeForeign(place, path, res) : describeProblem(place, res, body as Problem);
  return new ApiError(text, { retryable, retryAfterMs, problem: isForeign ? undefined : body });
}

const SETTING = "set FANFARE_URL to where it is";

const FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED: `nothing answers there; start it (fanfare start), or ${SETTING}`,
  ENOTFOUND: `there is no host of that name; ${SETTING}`,
  EAI_AGAIN: "the host's name can not be looked up at the moment",
  ECONNRESET: "the connection was reset",
  UND_ERR_SOCKET: "the connection ended before the answer did",
  EHOSTUNREACH: "no way leads there",
  ENETUNREACH: "no way leads there",
  ETIMEDOUT: "it does not answer",
  UND_ERR_CONNECT_TIMEOUT: "it does not answer",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS; set FANFARE_URL to a URL that begins with http://",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "it does not speak TLS; set FANFARE_URL to a URL that begins with http://",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is of another host; set FANFARE_URL to the name in it",
  CERT_HAS_EXPIRED: "its certificate has run out",
};

/** Of a certificate that nobody vouches for, by OpenSSL's names. */
const UNTRUSTED = /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.+)$/;

/** What fetch hangs on its error. */
interface Failure {
  code?: string;
  message?: string;
  errors?: Failure[];
}

function describeFailure(error: unknown): string {
  if ((error as Error).name === "TimeoutError") return `no answer came within ${TIMEOUT_MS / 1_000} s`;
  const { cause = error as Failure } = error as { cause?: Failure };
  // Of a name with several addresses each has failed.
  const { code = "", message = "" } = cause.errors?.[0] ?? cause;
  if (UNTRUSTED.test(code)) {
    return `its certificate is not trusted (${code}); set NODE_EXTRA_CA_CERTS to the file of the authority that made it`;
  }
  return FAILURES[code] ?? (message || code || "for an unknown reason");
}

function parse(text: string): object | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? body : undefined;
  } catch {
    // A proxy's page, or another server's: the status says more.
    return undefined;
  }
}

function describeForeign({ url }: ApiPlace, path: string, res: Response): string {
  const kind = res.headers.get("content-type")?.split(";")[0] || "no content type";
  return `What answers at ${url}${path} is not Fanfare, but perhaps a proxy before it (${res.status}, ${kind}): ${SETTING}.`;
}

function describeRedirect({ url }: ApiPlace, path: string, res: Response): string {
  const location = res.headers.get("location") ?? "nowhere";
  return `${url}${path} leads to ${location} (${res.status}), which is not followed with credentials: ${SETTING}.`;
}

/** Where the credentials of a user come from, by how its name begins. */
const SETTINGS: Readonly<Record<string, string>> = {
  AC: "FANFARE_ACCOUNT_ID and FANFARE_AUTH_TOKEN",
  SK: "FANFARE_API_KEY and FANFARE_API_KEY_SECRET",
};

interface Problem {
  title?: string;
  detail?: string;
  errors?: { pointer: string; detail: string }[];
}

function describeProblem({ user, url }: ApiPlace, res: Response, { title = "", detail = "", errors }: Problem): string {
  if (res.status === 401) {
    const settings = SETTINGS[user.slice(0, 2)] ?? "FANFARE_ADMIN_PASSWORD";
    return `Fanfare at ${url} does not know the credentials of ${user} (401): set ${settings} to those of that installation.`;
  }
  const fields = Array.isArray(errors) ? errors.map((error) => `\n  ${error.pointer}: ${error.detail}`).join("") : "";
  const after = res.headers.get("retry-after");
  const again = after === null ? "" : ` (again in ${after} s)`;
  return `${[`${res.status} ${title}`.trim(), detail].filter(Boolean).join(": ")}${again}${fields}`;
}

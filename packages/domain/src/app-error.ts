/** One field of a request that is wrong. */
export interface FieldProblem {
  /** JSON pointer into the request (RFC 6901), such as `/to/17/token`. */
  pointer: string;
  code: string;
  detail: string;
}

/** Every code of an entry of `errors`. docs/errors.md lists exactly these; a test compares them. */
export const FIELD_CODES = [
  "missing",
  "unknown-field",
  "repeated-key",
  "reserved-key",
  "repeated-parameter",
  "invalid-type",
  "invalid-value",
  "invalid-format",
  "invalid-key",
  "invalid-encoding",
  "invalid-content",
  "invalid-time",
  "invalid-header",
  "too-small",
  "too-big",
  "template-syntax",
  "unknown-app",
  "unknown-credential",
  "unknown-user",
  "no-credential",
] as const;
/** See {@link FIELD_CODES}. */
export type FieldCode = (typeof FIELD_CODES)[number];

interface ErrorKind {
  status: number;
  title: string;
  /** Whether the same request may succeed when it is made again later. */
  retryable: boolean;
}

/** Every error code that the API answers with. docs/errors.md lists exactly these; a test compares them. */
export const ERROR_CATALOG = {
  "malformed-json": { status: 400, title: "The request body is not JSON", retryable: false },
  "invalid-request": { status: 400, title: "The request is not valid", retryable: false },
  unauthorized: { status: 401, title: "Authentication failed", retryable: false },
  forbidden: { status: 403, title: "Not allowed", retryable: false },
  "not-found": { status: 404, title: "Not found", retryable: false },
  "method-not-allowed": { status: 405, title: "Method not allowed", retryable: false },
  "request-timeout": { status: 408, title: "The request did not come to its end", retryable: true },
  "already-finished": { status: 409, title: "Nothing is left to cancel", retryable: false },
  "idempotency-key-in-progress": { status: 409, title: "A request with this key is in progress", retryable: true },
  "body-too-large": { status: 413, title: "The request body is too large", retryable: false },
  "unsupported-media-type": { status: 415, title: "Unsupported media type", retryable: false },
  "expectation-failed": { status: 417, title: "What is expected can not be met", retryable: false },
  "unknown-app": { status: 422, title: "There is no such app", retryable: false },
  "unknown-credential": { status: 422, title: "There is no such credential", retryable: false },
  "unknown-user": { status: 422, title: "There is no such user", retryable: false },
  "no-credential": { status: 422, title: "No credential for a provider", retryable: false },
  "limit-reached": { status: 422, title: "A limit is reached", retryable: false },
  "idempotency-key-reused": { status: 422, title: "The key was used for another request", retryable: false },
  "too-many-failed-logins": { status: 429, title: "Too many failed logins", retryable: true },
  "account-backlog-full": { status: 429, title: "Too much of the account waits to be sent", retryable: true },
  "headers-too-large": { status: 431, title: "The headers are too large", retryable: false },
  "internal-error": { status: 500, title: "Internal error", retryable: true },
  unavailable: { status: 503, title: "Temporarily unavailable", retryable: true },
  overloaded: { status: 503, title: "Too many requests at once", retryable: true },
  "backlog-full": { status: 503, title: "Too much waits to be sent", retryable: true },
  "outcome-unknown": { status: 503, title: "It is not known whether it was done", retryable: true },
} as const satisfies Record<string, ErrorKind>;

/** A code of {@link ERROR_CATALOG}. */
export type ErrorCode = keyof typeof ERROR_CATALOG;

/**
 * An error that a caller is told about. `detail` and `errors` are public; `cause` is for our logs and is never
 * serialised.
 */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly status: number;
  readonly title: string;
  readonly retryable: boolean;
  readonly errors: readonly FieldProblem[];
  /** When to come back, if that is known better than for all errors of its kind. */
  readonly retryAfterSeconds: number | undefined;
  /** The operation that the request made, if it made one after all. */
  readonly operationId: string | undefined;

  constructor(
    code: ErrorCode,
    detail: string,
    options: {
      errors?: readonly FieldProblem[];
      retryAfterSeconds?: number;
      operationId?: string;
      cause?: unknown;
    } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    const kind: ErrorKind = ERROR_CATALOG[code];
    this.code = code;
    this.status = kind.status;
    this.title = kind.title;
    this.retryable = kind.retryable;
    this.errors = options.errors ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.operationId = options.operationId;
  }

  /** What the caller is told. */
  get detail(): string {
    return this.message;
  }
}

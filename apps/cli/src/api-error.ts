/** Says that a call of the API failed, in words for whoever made it. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly forOperator = true;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** What the API answered with, as RFC 9457 has it; absent when it was not the API. */
  readonly problem: object | undefined;
  /** How long the API asks to be left alone before that, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    options: {
      cause?: unknown;
      retryable?: boolean;
      retryAfterMs?: number | undefined;
      problem?: object | undefined;
    } = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.problem = options.problem;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

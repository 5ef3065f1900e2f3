/** A template that cannot be rendered for these variables. The message quotes the template at most, never a variable. */
export class RenderError extends Error {
  override readonly name = "RenderError";
  /** The same template and variables fail again. */
  readonly retryable = false;
}

/** Why rendering was stopped, in words that may be shown as they are; {@link RenderError} is made from it. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/** What limiters and the runtime say, in the words of a sender. Anything else may quote values, and is not shown. */
const PLAIN: ReadonlyArray<[RegExp, string]> = [
  [/^memory alloc limit exceeded/, "The template needs too much memory"],
  [/^template render limit exceeded/, "The template takes too long to render"],
  [/call stack/, "The template is nested too deeply"],
];

/** Makes a {@link RenderError} of whatever the engine threw. */
export function toRenderError(error: unknown, place: string): RenderError {
  const cause = rootCause(error);
  if (cause instanceof RenderError) return cause;
  if (cause instanceof Refusal) return new RenderError(`${cause.message}${place}.`);
  const message = cause instanceof Error ? cause.message : "";
  const plain = PLAIN.find(([pattern]) => pattern.test(message))?.[1];
  return new RenderError(`${plain ?? "A filter or tag of the template cannot work with its values"}${place}.`);
}

function rootCause(error: unknown): unknown {
  let cause = error;
  while (cause instanceof Error && "originalError" in cause && cause.originalError) cause = cause.originalError;
  return cause;
}

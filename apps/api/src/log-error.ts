import type { AppError } from "@fanfare/domain";
import type { ErrorBrake } from "@fanfare/runtime";
import { FailedLogin } from "./login-log.js";

/** An answer that is an error. */
export interface ToldError {
  error: AppError;
  /** What it was made of: the error itself, or what we did not foresee. */
  cause: unknown;
  /** Of the request. */
  fields: object;
}

/**
 * Tells the log of an error that a request was answered with: `error` when something is wrong with us, `warn` when it is to pass, `debug`
 * when the caller has to do something about it.
 */
export function logError(log: Pick<ErrorBrake, "error" | "warn" | "debug">, { error, cause, fields }: ToldError): void {
  // These have lines of their own, with the address.
  if (error.cause instanceof FailedLogin || error.code === "too-many-failed-logins") return;
  const { status, code, title } = error;
  const err = cause === error ? error.cause : cause;
  const about = { ...fields, status, code, ...(err !== undefined && { err }) };
  if (code === "internal-error" || code === "outcome-unknown") log.error(about, title);
  else if (status >= 500 || code === "account-backlog-full") log.warn(about, title);
  else log.debug(about, title);
}

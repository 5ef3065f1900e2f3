import { withoutSecrets } from "./without-secrets.js";

/**
 * Why something failed, in one line. An error of Prisma's begins with the call that it is about, and says at its end what
 * happened; one of several addresses says nothing itself.
 */
export function reasonOf(error: unknown): string {
  const reason = error instanceof AggregateError && !error.message ? (error.errors[0] ?? error) : error;
  const text = reason instanceof Error ? reason.message || reason.name : String(reason);
  return withoutSecrets(text).trim().split("\n").at(-1) ?? "";
}

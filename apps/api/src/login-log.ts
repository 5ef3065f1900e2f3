import { AppError } from "@fanfare/domain";
import type { ErrorBrake } from "@fanfare/runtime";

/** Why a login failed, for the log. */
export class FailedLogin extends Error {
  override readonly name = "FailedLogin";
  /** Who it claimed to be, if that is the name of anybody: a password may be given in its place. */
  readonly user: string | undefined;
  /** The account that it was for. */
  readonly account: string | undefined;

  constructor({ user, account }: { user?: string | undefined; account?: string | undefined }) {
    super("The credentials are wrong, revoked or those of a suspended account.");
    this.user = user;
    this.account = account;
  }
}

/** Is told what an authentication failed with, and what is to be said of its request. */
export type LoginLog = (error: unknown, about: { address: string }) => void;

/**
 * Tells of logins that fail: of each burst from an address its first one, when the address is refused, and when an account has had too
 * many; how many there were is counted.
 *
 * @param brake One of their own: there may be many addresses.
 */
export function createLoginLog(brake: Pick<ErrorBrake, "warn">): LoginLog {
  return (error, about) => {
    if (!(error instanceof AppError)) return;
    const { cause, code, status } = error;
    if (cause instanceof FailedLogin) {
      const { user, account } = cause;
      const fields = { ...about, status, ...(user !== undefined && { user }) };
      brake.warn(fields, "A login failed");
      if (code !== "unauthorized") brake.warn({ ...fields, account }, "Too many logins of an account failed");
    } else if (code === "too-many-failed-logins") {
      brake.warn({ ...about, status }, "An address is refused: too many of its logins failed");
    }
  };
}

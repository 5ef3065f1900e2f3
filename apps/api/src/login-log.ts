import { AppError } from "@fanfare/domain";
import type { ErrorBrake, Log } from "@fanfare/runtime";
import { RateLimiterMemory } from "rate-limiter-flexible";

/** Why a login failed, for the log. */
export class FailedLogin extends Error {
  override readonly name = "FailedLogin";
  /** Who it claimed to be, if that is the name of anybody: a password may be given in its place. */
  readonly user: string | undefined;

  constructor(user: string | undefined) {
    super("The credentials are wrong, revoked or those of a suspended account.");
    this.user = user;
  }
}

/** Logins that are told one by one, in a minute: there may be many addresses. */
const TOLD_PER_MINUTE = 300;

/** Is told what an authentication failed with, and what is to be said of its request. */
export type LoginLog = (error: unknown, about: { address: string }) => Promise<void>;

/** Tells of logins that fail: each in a line of its own, but for a flood, and addresses that are refused in numbers. */
export function createLoginLog(log: Pick<Log, "warn">, brake: Pick<ErrorBrake, "warn">): LoginLog {
  const told = new RateLimiterMemory({ points: TOLD_PER_MINUTE, duration: 60 });
  const mayTell = () =>
    told.consume("all").then(
      () => true,
      () => false,
    );
  return async (error, about) => {
    if (!(error instanceof AppError)) return;
    if (error.code === "too-many-failed-logins") {
      brake.warn({ ...about, status: error.status }, "An address is refused: too many of its logins failed");
    } else if (error.cause instanceof FailedLogin) {
      const { user } = error.cause;
      const fields = { ...about, status: error.status, ...(user !== undefined && { user }) };
      if (await mayTell()) log.warn(fields, "A login failed");
      else brake.warn(fields, "Logins fail, more than are told one by one");
    }
  };
}

import { AppError } from "@fanfare/domain";
import { createErrorBrake, type Log } from "@fanfare/runtime";

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

/** Tells of logins that fail. Whoever makes it closes it. */
export interface LoginLog {
  /** Is told what an authentication failed with, and what is to be said of its request. */
  tell(error: unknown, about: { address: string | undefined }): void;
  /** Tells what was counted and not told yet. */
  close(): void;
}

/** Addresses or users of which each line tells apart; those beyond are counted together. */
const TOLD_APART = 20;

/**
 * Makes a log that tells of each burst from an address its first login and that it is refused, and of one at a user that there were too
 * many; then how many there were. Each has its numbers to itself, since a guesser may have many addresses.
 */
export function createLoginLog(log: Log): LoginLog {
  const brakeOf = (others: string) => createErrorBrake(log, { maxKinds: TOLD_APART, others });
  const failed = brakeOf("Logins from many other addresses failed");
  const refused = brakeOf("Many other addresses are refused");
  const guessed = brakeOf("Too many logins as many other users failed");
  return {
    tell(error, { address, ...about }) {
      if (!(error instanceof AppError)) return;
      const { cause, code, status } = error;
      const isTooMany = code === "too-many-failed-logins";
      if (!(cause instanceof FailedLogin)) {
        if (isTooMany)
          refused.warn({ ...about, address, status }, "An address is refused: too many of its logins failed");
        return;
      }
      const user = cause.user === undefined ? {} : { user: cause.user };
      failed.warn({ ...about, address, status, ...user }, "A login failed");
      if (isTooMany) guessed.warn({ ...about, status, ...user }, "Too many logins as one user failed");
    },
    close() {
      for (const brake of [failed, refused, guessed]) brake.close();
    },
  };
}

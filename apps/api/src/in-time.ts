import { AppError } from "@fanfare/domain";
import type { Request } from "express";
import { databaseUnavailable } from "./before-storing.js";
import { isRead } from "./is-read.js";

/**
 * Settles as the handler does, or rejects after so many milliseconds with what can be said then. It is the last resort, for what
 * waits for several statements of which each is in time; what comes of the handler after that is not told.
 *
 * @throws AppError 503
 */
export async function inTime<Answer>(handled: Promise<Answer>, ms: number, { method }: Pick<Request, "method">) {
  handled.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(notInTime(method, ms)), ms);
  });
  try {
    return await Promise.race([handled, late]);
  } finally {
    clearTimeout(timer);
  }
}

function notInTime(method: string, ms: number): AppError {
  const cause = new Error(`The request took longer than ${ms} ms.`);
  if (isRead(method)) return databaseUnavailable(cause, method);
  const detail = "The database did not answer in time: it is not known whether the change was stored.";
  return new AppError("outcome-unknown", detail, { cause });
}

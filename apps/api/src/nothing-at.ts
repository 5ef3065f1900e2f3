import { AppError } from "@fanfare/domain";
import type { Request } from "express";

/** The error for a path at which there can not be anything. */
export function nothingAt({ originalUrl }: Pick<Request, "originalUrl">, cause?: unknown): AppError {
  return new AppError("not-found", `There is nothing at ${originalUrl.replace(/\?.*/s, "")}.`, { cause });
}

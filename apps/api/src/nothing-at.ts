import { AppError } from "@fanfare/domain";
import type { Request } from "express";
import { pathOf } from "./request-target.js";

/** Longest path that an answer repeats whole, in characters: those that there are, are shorter. */
const PATH_MAX = 200;

/** The error for a path at which there can not be anything. */
export function nothingAt({ originalUrl }: Pick<Request, "originalUrl">, cause?: unknown): AppError {
  const path = pathOf(originalUrl);
  const shown = path.length > PATH_MAX ? `${path.slice(0, PATH_MAX)}…` : path;
  return new AppError("not-found", `There is nothing at ${shown}.`, { cause });
}

import { randomUUID } from "node:crypto";
import type { RequestHandler, Response } from "express";

/** Gives each answer an `X-Request-Id`, which the logs and error bodies carry too. */
export const requestId: RequestHandler = (_req, res, next) => {
  res.locals.requestId = randomUUID();
  res.set("X-Request-Id", requestIdOf(res));
  next();
};

/** The id that {@link requestId} gave. */
export function requestIdOf(res: Response): string {
  return String(res.locals.requestId);
}

import { formatAccountId } from "@fanfare/domain";
import type { ErrorBrake } from "@fanfare/runtime";
import type { Request, RequestHandler, Response } from "express";
import type { Caller } from "../caller.js";
import { pathOf } from "../request-target.js";
import { requestIdOf } from "./request-id.js";

/** Longest path that a line has whole, in characters: those that there are, are shorter. */
const PATH_MAX = 200;

/** What each line says of the request that it belongs to; the path is without its query, which may have a device token. */
export function requestFields(req: Pick<Request, "method" | "originalUrl" | "caller">, res: Response) {
  const path = pathOf(req.originalUrl).slice(0, PATH_MAX);
  return { requestId: requestIdOf(res), method: req.method, path, ...callerFields(req.caller) };
}

/** Whose request it is, once that is known. */
function callerFields(caller: Caller | undefined) {
  if (caller === undefined) return {};
  return {
    ...(caller.kind !== "operator" && { account: formatAccountId(caller.id) }),
    ...(caller.kind !== "account" && { actor: caller.actor }),
  };
}

/** How long a request has been worked on, in whole milliseconds; only behind {@link requestLog}. */
export const msOf = (res: Response): number => Math.round(performance.now() - Number(res.locals.begunAt));

/** Tells of each request what came of it, where details are logged. */
export function requestLog(log: Pick<ErrorBrake, "debug">): RequestHandler {
  return (req, res, next) => {
    res.locals.begunAt = performance.now();
    res.once("close", () => {
      const outcome = res.writableFinished ? {} : { broken: true };
      log.debug({ ...requestFields(req, res), status: res.statusCode, ms: msOf(res), ...outcome }, "Answered");
    });
    next();
  };
}

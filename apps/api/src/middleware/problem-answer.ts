import { isDatabaseUnavailable } from "@fanfare/db";
import { AppError } from "@fanfare/domain";
import type { ErrorRequestHandler, Response } from "express";
import { requestIdOf } from "./request-id.js";

/** Prefix of a problem's type: a name, since each installation has its own address. docs/errors.md lists the codes. */
const TYPE_BASE = "urn:fanfare:error:";

const RETRY_AFTER_SECONDS = 5;

interface ErrorLog {
  error(fields: object, message: string): void;
}

/** Answers errors as `application/problem+json` (RFC 9457). What we did not foresee is logged and never told. */
export function problemAnswer(log: ErrorLog): ErrorRequestHandler {
  return (cause, _req, res, next) => {
    if (res.headersSent) return next(cause);
    const error = toAppError(cause);
    if (error.status >= 500) log.error({ err: cause, requestId: requestIdOf(res) }, error.title);
    if (error.status === 503) res.set("Retry-After", String(RETRY_AFTER_SECONDS));
    answerProblem(res, error);
  };
}

function answerProblem(res: Response, error: AppError): void {
  const { code, title, status, detail, errors } = error;
  const problem = { type: `${TYPE_BASE}${code}`, title, status, detail, code, requestId: requestIdOf(res) };
  res
    .status(status)
    .type("application/problem+json")
    .send(JSON.stringify(errors.length > 0 ? { ...problem, errors } : problem));
}

function toAppError(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  if (isBodyParserError(cause)) return toBodyError(cause);
  if (isDatabaseUnavailable(cause)) {
    return new AppError("unavailable", "The database can not be reached; nothing was stored.", { cause });
  }
  return new AppError("internal-error", "Something went wrong on our side.", { cause });
}

interface BodyParserError extends Error {
  type: string;
}

function isBodyParserError(cause: unknown): cause is BodyParserError {
  return cause instanceof Error && "type" in cause && typeof cause.type === "string" && "status" in cause;
}

function toBodyError(cause: BodyParserError): AppError {
  switch (cause.type) {
    case "entity.too.large":
      return new AppError("body-too-large", "The request body is over the limit.", { cause });
    case "charset.unsupported":
    case "encoding.unsupported":
      return new AppError("unsupported-media-type", "Send the request body as JSON in UTF-8.", { cause });
    default:
      return new AppError("malformed-json", "The request body could not be read as JSON.", { cause });
  }
}

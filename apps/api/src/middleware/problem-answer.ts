import { isDatabaseUnavailable, mayBeCommitted } from "@fanfare/db";
import { AppError, ERROR_CATALOG, FIELD_CODES, shownId } from "@fanfare/domain";
import type { ErrorBrake } from "@fanfare/runtime";
import type { ErrorRequestHandler, Request, Response } from "express";
import { z } from "zod";
import { databaseUnavailable } from "../before-storing.js";
import { isRead } from "../is-read.js";
import { logError } from "../log-error.js";
import { nothingAt } from "../nothing-at.js";
import { requestIdOf } from "./request-id.js";
import { requestFields } from "./request-log.js";

/** Prefix of a problem's type: a name, since each installation has its own address. docs/errors.md lists the codes. */
const TYPE_BASE = "urn:fanfare:error:";

const RETRY_AFTER_SECONDS = 5;

const meaningsOf = (catalog: Readonly<Record<string, { title: string }>>) =>
  Object.entries(catalog)
    .map(([code, { title }]) => `\`${code}\`: ${title}.`)
    .join(" ");

/** As docs/errors.md has it. */
const FIELD_CODES_MEAN =
  "What is wrong there, for programs to read. `missing`: it has to be there. `unknown-field`: no field or parameter of this name is known here. `repeated-key`, `repeated-parameter`: it is there twice. `reserved-key`: it is named `__proto__`. `invalid-type`: it is of another type. `invalid-value`, `invalid-format`: it has a value that it may not have. `invalid-key`: it has a name that it may not have. `invalid-encoding`: it is no UTF-8 in percent encoding, or has U+0000 in it. `invalid-content`: a credential's `content` is none of its type. `invalid-time`: `schedule.sendAt` is past, or more than 30 days ahead. `invalid-header`: the header may not be so. `too-small`, `too-big`: it is too short, too long, too many or too deep. `template-syntax`: Liquid that does not parse. `unknown-app`, `unknown-credential`, `unknown-user`, `no-credential`: as the code of the error itself.";

/** The body of every error. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: `Names the error: \`${TYPE_BASE}\` and its \`code\`.` }),
    title: z.string().meta({ description: "The code in a few words." }),
    status: z.int().meta({ description: "The HTTP status." }),
    detail: z.string().meta({ description: "What went wrong with this request, for people to read." }),
    code: z.enum(Object.keys(ERROR_CATALOG) as [keyof typeof ERROR_CATALOG]).meta({
      description: `What went wrong, for programs to read: it is stable, the words are not. ${meaningsOf(ERROR_CATALOG)}`,
    }),
    requestId: z.string().meta({ description: "Id of the request, as in the logs and the header `X-Request-Id`." }),
    operationId: shownId(
      "operation",
      "With `outcome-unknown`: id of the operation that there is if the request was accepted after all.",
    ).optional(),
    errors: z
      .array(
        z.object({
          pointer: z.string().meta({
            description:
              "Where it is: a JSON pointer (RFC 6901) into the body, or `/` and the name of a parameter or header.",
          }),
          code: z.enum(FIELD_CODES).meta({ description: FIELD_CODES_MEAN }),
          detail: z.string().meta({ description: "The same in words." }),
        }),
      )
      .optional()
      .meta({ description: "What is wrong with the request, each place once, at most 100 of them; absent otherwise." }),
  })
  .meta({
    id: "Problem",
    description: "An error (RFC 9457).",
    examples: [
      {
        type: `${TYPE_BASE}invalid-request`,
        title: ERROR_CATALOG["invalid-request"].title,
        status: ERROR_CATALOG["invalid-request"].status,
        detail: "1 field is not valid; nothing was stored.",
        code: "invalid-request",
        requestId: "6ce1c5a6-0a3a-4a7e-9b63-6a2c5ab7a1a0",
        errors: [{ pointer: "/to/17/token", code: "too-small", detail: "must not be empty" }],
      },
    ],
  });

/** Where errors are told. */
export type ErrorLog = Pick<ErrorBrake, "error" | "warn" | "debug">;

/** How errors are answered. */
export interface ProblemAnswerOptions {
  /** What a browser asks for a password for (RFC 7617, section 2). @default "Fanfare" */
  realm?: string;
  /** Writes the body of the answer. @default as a problem */
  write?: (error: AppError, req: Request, res: Response) => void;
}

/** Answers errors as `application/problem+json` (RFC 9457). What we did not foresee is logged and never told. */
export function problemAnswer(
  log: ErrorLog,
  { realm = "Fanfare", write = writeProblem }: ProblemAnswerOptions = {},
): ErrorRequestHandler {
  return (cause, req, res, _next) => {
    const error = toAppError(cause, req);
    logError(log, { error, cause, fields: requestFields(req, res) });
    if (res.headersSent) {
      // Whoever reads it has to see that it is not whole.
      req.socket.destroy();
      return;
    }
    if (error.status === 401) res.set("WWW-Authenticate", `Basic realm="${realm}", charset="UTF-8"`);
    if (error.status === 503 || error.retryAfterSeconds !== undefined) {
      res.set("Retry-After", String(error.retryAfterSeconds ?? RETRY_AFTER_SECONDS));
    }
    write(error, req, res.status(error.status));
  };
}

/** Media type of every error. */
export const PROBLEM_TYPE = "application/problem+json";

const writeProblem = (error: AppError, _req: Request, res: Response) =>
  void res.type(PROBLEM_TYPE).send(problemText(error, requestIdOf(res)));

/** The body of an error, as JSON. */
export const problemText = (error: AppError, requestId: string): string => JSON.stringify(toProblem(error, requestId));

/** What a caller is told of an error. */
export function toProblem(error: AppError, requestId: string): z.infer<typeof problemSchema> {
  const { code, title, status, detail, errors, operationId } = error;
  const problem = { type: `${TYPE_BASE}${code}`, title, status, detail, code, requestId, operationId };
  return errors.length > 0 ? { ...problem, errors: errors as z.infer<typeof problemSchema>["errors"] } : problem;
}

function toAppError(cause: unknown, req: Pick<Request, "method" | "originalUrl">): AppError {
  const { method } = req;
  if (cause instanceof AppError) return cause;
  const status = statusOf(cause);
  if (status !== undefined && status >= 400 && status < 500) return toClientError(cause, status, req);
  if (!isRead(method) && mayBeCommitted(cause)) {
    const detail = "The connection to the database was lost: it is not known whether the change was stored.";
    return new AppError("outcome-unknown", detail, { cause });
  }
  if (isDatabaseUnavailable(cause)) return databaseUnavailable(cause, method);
  return new AppError("internal-error", "Something went wrong on our side.", { cause });
}

/** The status that whoever made an error gave to it, as `http-errors` does; Express, body-parser and `send` use that. */
function statusOf(cause: unknown): number | undefined {
  if (!(cause instanceof Error)) return undefined;
  const { status, statusCode } = cause as { status?: unknown; statusCode?: unknown };
  return [status, statusCode].find((given) => typeof given === "number");
}

function toClientError(cause: unknown, status: number, req: Pick<Request, "originalUrl">): AppError {
  // A path that is no UTF-8 once it is decoded names nothing.
  if (cause instanceof URIError || status === 404) return nothingAt(req, cause);
  switch (status) {
    case 413:
      return new AppError("body-too-large", "The request body is over the limit.", { cause });
    case 415:
      return new AppError("unsupported-media-type", "Send the request body as JSON in UTF-8.", { cause });
    case 400:
      return new AppError("malformed-json", "The request body could not be read as JSON.", { cause });
    default:
      return new AppError("invalid-request", "The request can not be answered as it is.", { cause });
  }
}

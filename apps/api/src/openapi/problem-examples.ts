import { AppError, type ErrorCode, EXAMPLE, type FieldProblem } from "@fanfare/domain";
import type { oas31 } from "zod-openapi";
import { toProblem } from "../middleware/problem-answer.js";
import { HEADERS } from "./headers.js";

const OPERATION_ID = EXAMPLE.ids.operation;
const NOTHING_STORED = "nothing was stored";
const NO_CREDENTIAL = "There is no such credential for that provider, or they belong to different apps";

interface Sample {
  detail: string;
  errors?: FieldProblem[];
  operationId?: string;
}

/** Who calls what is documented never meets a method that a path has not. */
type CodeOfDocumented = Exclude<ErrorCode, "method-not-allowed">;

/** What each error may say. */
const SAMPLES: Record<CodeOfDocumented, Sample> = {
  "malformed-json": { detail: "The request body could not be read as JSON." },
  "invalid-request": {
    detail: `1 field is not valid; ${NOTHING_STORED}.`,
    errors: [{ pointer: "/to/17/token", code: "too-small", detail: "must not be empty" }],
  },
  unauthorized: {
    detail: "Authenticate with HTTP Basic: an account's id and auth token, or an API key and its secret.",
  },
  forbidden: { detail: "This API key has not the scope send." },
  "not-found": { detail: `There is no operation ${OPERATION_ID}.` },
  "request-timeout": { detail: "The request did not come to its end in time." },
  "already-finished": { detail: "The operation is finished: nothing is left to cancel, and nothing was done." },
  "idempotency-key-in-progress": {
    detail: `A request with this Idempotency-Key is being stored; ${NOTHING_STORED} of this one.`,
  },
  "body-too-large": { detail: "The request body is over the limit of 20971520 bytes." },
  "unsupported-media-type": { detail: "Send the request body as application/json." },
  "expectation-failed": { detail: "The header Expect can only be 100-continue." },
  "unknown-app": {
    detail: `There is no app airline; ${NOTHING_STORED}.`,
    errors: [{ pointer: "/from/appName", code: "unknown-app", detail: "There is no app airline." }],
  },
  "unknown-credential": {
    detail: `${NO_CREDENTIAL}; ${NOTHING_STORED}.`,
    errors: [{ pointer: "/from/fcm", code: "unknown-credential", detail: `${NO_CREDENTIAL}.` }],
  },
  "unknown-user": {
    detail: `Some users do not exist; ${NOTHING_STORED}.`,
    errors: [{ pointer: "/to/2/userId", code: "unknown-user", detail: "There is no such user." }],
  },
  "no-credential": {
    detail: `A provider of the recipients has no credential in this app; ${NOTHING_STORED}.`,
    errors: [{ pointer: "/to/0/provider", code: "no-credential", detail: "App airline has no credential for FCM." }],
  },
  "limit-reached": { detail: `There can be 10 apps an account; ${NOTHING_STORED}.` },
  "idempotency-key-reused": {
    detail: `This Idempotency-Key was used for a request with another body; ${NOTHING_STORED} of this one.`,
  },
  "too-many-failed-logins": { detail: "Too many logins from this address failed." },
  "account-backlog-full": {
    detail: `5000000 recipients of this account wait to be sent to already; ${NOTHING_STORED}.`,
  },
  "headers-too-large": { detail: "The headers, with the path, are too large." },
  "internal-error": { detail: "Something went wrong on our side." },
  unavailable: { detail: `The database can not be reached, or not in time; ${NOTHING_STORED}.` },
  overloaded: { detail: `This process has all the requests that it takes at once; ${NOTHING_STORED}.` },
  "backlog-full": { detail: `10000000 recipients wait to be sent to already; ${NOTHING_STORED}.` },
  "outcome-unknown": {
    detail: "The connection to the database was lost: it is not known whether the request was accepted.",
    operationId: OPERATION_ID,
  },
};

/** An answer for each error code. */
export const PROBLEM_EXAMPLES = Object.fromEntries(
  Object.entries(SAMPLES).map(([code, { detail, ...more }]) => {
    const error = new AppError(code as ErrorCode, detail, more);
    return [code, { summary: error.title, value: toProblem(error, HEADERS["X-Request-Id"].example) }];
  }),
) as Record<CodeOfDocumented, oas31.ExampleObject>;

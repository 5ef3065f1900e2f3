import { ERROR_CATALOG, type ErrorCode } from "@fanfare/domain";
import type { ZodOpenApiResponseObject } from "zod-openapi";
import { PROBLEM_TYPE } from "../middleware/problem-answer.js";
import type { Route } from "../route.js";
import { type HeaderName, headersOf } from "./headers.js";

/** Errors of requests that do not come to be one of a route's. */
const OF_HTTP = ["request-timeout", "expectation-failed", "headers-too-large"] as const;

const HEADERS_OF_STATUS: Readonly<Record<number, HeaderName>> = {
  401: "WWW-Authenticate",
  415: "Accept-Encoding",
  429: "Retry-After",
  503: "Retry-After",
};

/** The answers of a route that are errors: by status, with the codes that each may have. */
export function errorResponses(route: Route): Record<string, ZodOpenApiResponseObject> {
  const codes = [...new Set(codesOf(route))];
  const statuses = new Set(codes.map(statusOf));
  const ofStatus = (status: number) => responseOf(codes.filter((code) => statusOf(code) === status));
  return {
    ...Object.fromEntries([...statuses].map((status) => [status, ofStatus(status)])),
    default: responseOf(OF_HTTP),
  };
}

const statusOf = (code: ErrorCode) => ERROR_CATALOG[code].status;

function headerOf(code: ErrorCode): HeaderName | undefined {
  return code === "idempotency-key-in-progress" ? "Retry-After" : HEADERS_OF_STATUS[statusOf(code)];
}

function codesOf({ access, method, params, body, errors = [] }: Route): ErrorCode[] {
  return [
    "invalid-request",
    ...(access === "anyone" ? [] : (["unauthorized", "too-many-failed-logins", "unavailable"] as const)),
    ...(access === "anyone" || access === "any-caller" ? [] : (["forbidden"] as const)),
    ...(params ? (["not-found"] as const) : []),
    ...(body || method !== "get"
      ? (["malformed-json", "body-too-large", "unsupported-media-type", "overloaded"] as const)
      : []),
    "internal-error",
    ...(method === "get" ? [] : (["outcome-unknown"] as const)),
    ...errors,
  ];
}

/** Those that were made, by name: what several routes have is one component of the document. */
const made = new Map<string, ZodOpenApiResponseObject>();

function responseOf(codes: readonly ErrorCode[]): ZodOpenApiResponseObject {
  const id = codes.join("_");
  const response = made.get(id) ?? { id, ...toResponse(codes) };
  made.set(id, response);
  return response;
}

function toResponse(codes: readonly ErrorCode[]): ZodOpenApiResponseObject {
  const headers = codes.flatMap((code) => headerOf(code) ?? []);
  const code = { enum: [...codes], description: "Those of all codes that this answer may have." };
  const schema = { allOf: [{ $ref: "#/components/schemas/Problem" }, { properties: { code } }] };
  const examples = Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]));
  return {
    description: codes.map((code) => `\`${code}\`: ${ERROR_CATALOG[code].title}`).join(". "),
    headers: headersOf(...headers),
    content: { [PROBLEM_TYPE]: { schema, examples } },
  } as ZodOpenApiResponseObject;
}

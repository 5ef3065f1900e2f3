import { EXAMPLE } from "@fanfare/domain";
import type { oas31 } from "zod-openapi";

/** Headers of answers that say something of the API. What all HTTP servers and browsers agree on is not named. */
export const HEADERS = {
  "X-Request-Id": {
    description: "Id of this request, as the server's log has it.",
    required: true,
    schema: { type: "string", format: "uuid" },
    example: "6ce1c5a6-0a3a-4a7e-9b63-6a2c5ab7a1a0",
  },
  "Cache-Control": {
    description: "Nobody may keep the answer.",
    required: true,
    schema: { type: "string", pattern: "no-store" },
    example: "no-store",
  },
  Location: {
    description: "URL of what was made.",
    required: true,
    schema: { type: "string", format: "uri" },
    example: `${EXAMPLE.baseUrl}/v1/PushNotifications/Operations/${EXAMPLE.ids.operation}`,
  },
  operationId: {
    description: "Id of the operation.",
    required: true,
    schema: { type: "string", pattern: "^comms_operation_" },
    example: EXAMPLE.ids.operation,
  },
  "X-Accel-Buffering": {
    description: "Asks proxies to hand events on as they come.",
    required: true,
    schema: { const: "no" },
    example: "no",
  },
  "WWW-Authenticate": {
    description: "How to authenticate (RFC 7617).",
    required: true,
    schema: { type: "string", pattern: "^Basic realm=" },
    example: 'Basic realm="Fanfare", charset="UTF-8"',
  },
  "Retry-After": {
    description: "When to come back, in seconds.",
    required: true,
    schema: { type: "integer", minimum: 1 },
    example: 5,
  },
  "Accept-Encoding": {
    description: "Encodings that a request body may have, when it had another.",
    schema: { type: "string" },
    example: "gzip, deflate, br",
  },
} as const satisfies Record<string, oas31.HeaderObject>;

/** A header of {@link HEADERS}. */
export type HeaderName = keyof typeof HEADERS;

/** Headers that every answer has. */
const ALWAYS: readonly HeaderName[] = ["X-Request-Id", "Cache-Control"];

/** The headers of an answer that has some besides those of every answer. */
export function headersOf(...more: readonly HeaderName[]): Record<string, oas31.ReferenceObject> {
  const names: readonly HeaderName[] = [...ALWAYS, ...more];
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

import { z } from "zod";
import type { oas31, ZodOpenApiOperationObject } from "zod-openapi";
import type { Access, DocumentedAnswer, Route } from "../route.js";
import { codeSamples } from "./code-samples.js";
import { errorResponses } from "./error-responses.js";
import { headersOf } from "./headers.js";

const ACCESS_WORDS: Record<Access, string> = {
  send: "For an account, or an API key with the scope `send`.",
  read: "For an account, or an API key with the scope `read`.",
  admin: "For an account, or an API key with the scope `admin`.",
  operator: "For the operator (user `admin`).",
  "account-or-operator": "For the operator (user `admin`), an account, or an API key with the scope `admin`.",
  "any-caller": "For every account and API key, and the operator.",
  anyone: "Open to all: no credentials are asked for.",
};

const SECURITY: Record<Access, oas31.SecurityRequirementObject[]> = {
  send: [{ basic: ["send"] }],
  read: [{ basic: ["read"] }],
  admin: [{ basic: ["admin"] }],
  operator: [{ basic: ["operator"] }],
  "account-or-operator": [{ basic: ["admin"] }, { basic: ["operator"] }],
  "any-caller": [{ basic: [] }],
  anyone: [],
};

/** How the OpenAPI document describes a route. */
export function toOperation(route: Route): ZodOpenApiOperationObject {
  const { operationId, tag, summary, description, access, params, query, headers, body, example, answers } = route;
  const requestParams = {
    ...(params && { path: params as z.ZodObject }),
    ...(query && { query: queryObject(query) }),
    ...(headers && { header: headers }),
  };
  return {
    operationId,
    tags: [tag],
    summary,
    description: `${description ? `${description} ` : ""}${ACCESS_WORDS[access]}`,
    security: SECURITY[access],
    ...(Object.keys(requestParams).length > 0 && { requestParams }),
    ...(body && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: named(body, `${operationId}Request`), ...(example && { example }) } },
      },
    }),
    responses: {
      ...errorResponses(route),
      ...Object.fromEntries(answers.map((answer) => [answer.status, toResponse(answer, operationId)])),
    },
    "x-codeSamples": codeSamples(route),
  } as ZodOpenApiOperationObject;
}

// What is done to a query before it is checked is no part of its form.
function queryObject(query: z.ZodType): z.ZodObject {
  return (query instanceof z.ZodPipe ? query.out : query) as z.ZodObject;
}

/** A schema as a component of the document, which generated code has a name for. */
function named(schema: z.ZodType, name: string): z.ZodType {
  return schema.meta()?.id ? schema : schema.meta({ id: `${name[0]?.toUpperCase()}${name.slice(1)}` });
}

function toResponse(answer: DocumentedAnswer, operationId: string) {
  const { description, schema, example, contentType = "application/json", headers } = answer;
  const isJson = contentType === "application/json";
  return {
    description,
    headers: headersOf(...(headers ?? [])),
    ...(schema && {
      content: {
        [contentType]: {
          schema: isJson ? named(schema, `${operationId}Answer`) : schema,
          ...(example !== undefined && { example }),
        },
      },
    }),
  };
}

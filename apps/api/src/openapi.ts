import { ERROR_CATALOG, type ErrorCode } from "@fanfare/domain";
import { z } from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import { problemSchema } from "./middleware/problem-answer.js";
import type { Access, DocumentedAnswer, Route, RouteTag } from "./route.js";

const TAGS: Record<RouteTag, string> = {
  Send: "One request, any number of recipients.",
  Operations: "What became of a send.",
  Notifications: "What became of each recipient.",
  Apps: "Apps and the provider keys under them.",
  Users: "Users, their devices, and tokens that are dead.",
  Accounts: "Accounts, their tokens and API keys, and what was done to them.",
};

const ACCESS_WORDS: Record<Access, string> = {
  send: "an account, or an API key with the scope `send`",
  read: "an account, or an API key with the scope `read`",
  admin: "an account, or an API key with the scope `admin`",
  operator: "the operator (user `admin`)",
  "account-or-operator": "the operator (user `admin`), an account, or an API key with the scope `admin`",
};

/** The OpenAPI 3.1 document of some routes, from the same schemas that check requests. */
export function createOpenApiDocument(routes: readonly Route[], serverUrl: string): object {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method]: toOperation(route) };
  }
  return createDocument({
    openapi: "3.1.1",
    info: {
      title: "Fanfare",
      version: "1",
      description:
        "Self-hosted push notifications: one request in, one tracked push per recipient out. Each path answers OPTIONS, and HEAD where it has GET.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: serverUrl }],
    security: [{ basic: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        basic: {
          type: "http",
          scheme: "basic",
          description: "An account's id and auth token, or an API key's id and secret.",
        },
      },
    },
  });
}

function toOperation(route: Route): ZodOpenApiOperationObject {
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
    description: `${description ? `${description} ` : ""}For ${ACCESS_WORDS[access]}.`,
    ...(Object.keys(requestParams).length > 0 && { requestParams }),
    ...(body && {
      requestBody: { required: true, content: { "application/json": { schema: body, ...(example && { example }) } } },
    }),
    responses: {
      ...Object.fromEntries(answers.map((answer) => [answer.status, toResponse(answer)])),
      ...errorResponses(route),
    },
  } as ZodOpenApiOperationObject;
}

// What is done to a query before it is checked is no part of its form.
function queryObject(query: z.ZodType): z.ZodObject {
  return (query instanceof z.ZodPipe ? query.out : query) as z.ZodObject;
}

function toResponse({ description, schema, contentType = "application/json", headers }: DocumentedAnswer) {
  return {
    description,
    ...(headers && {
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, text]) => [
          name,
          { description: text, schema: { type: "string" as const } },
        ]),
      ),
    }),
    ...(schema && { content: { [contentType]: { schema } } }),
  };
}

function errorResponses({ method, body, params, errors = [] }: Route): Record<string, object> {
  const codes: ErrorCode[] = [
    "invalid-request",
    "unauthorized",
    "forbidden",
    ...(params ? (["not-found"] as const) : []),
    ...(body || method !== "get"
      ? (["malformed-json", "body-too-large", "unsupported-media-type", "overloaded"] as const)
      : []),
    "too-many-failed-logins",
    "internal-error",
    "unavailable",
    ...(method === "get" ? [] : (["outcome-unknown"] as const)),
    ...errors,
  ];
  const byStatus = new Map<number, Set<ErrorCode>>();
  for (const code of codes) {
    const { status } = ERROR_CATALOG[code];
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(code));
  }
  return Object.fromEntries(
    [...byStatus].map(([status, known]) => [
      status,
      {
        description: [...known].map((code) => `\`${code}\`: ${ERROR_CATALOG[code].title}`).join(". "),
        content: { "application/problem+json": { schema: problemSchema } },
      },
    ]),
  );
}

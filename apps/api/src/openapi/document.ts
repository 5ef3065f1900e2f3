import { EXAMPLE } from "@fanfare/domain";
import { createDocument, type oas31, type ZodOpenApiPathsObject } from "zod-openapi";
import { problemSchema } from "../middleware/problem-answer.js";
import type { Route, RouteTag } from "../route.js";
import { fillExamples } from "./fill-examples.js";
import { HEADERS } from "./headers.js";
import { toOperation } from "./operation.js";
import { pathTemplate } from "./path-template.js";
import { PROBLEM_EXAMPLES } from "./problem-examples.js";

const TAGS: Record<RouteTag, string> = {
  Send: "One request, any number of recipients.",
  Operations: "What became of a send.",
  Notifications: "What became of each recipient.",
  Apps: "Apps and the provider keys under them.",
  Users: "Users, their devices, and tokens that are dead.",
  Accounts: "Accounts, their tokens and API keys, and what was done to them.",
  Server: "The process itself, and this document.",
};

const DESCRIPTION = `Self-hosted push notifications: one request in, one tracked push per recipient out.

Every call is authenticated by HTTP Basic, but for health and readiness. Each path answers OPTIONS, and HEAD where it has GET; to
other methods with 405, \`method-not-allowed\`, and \`Allow\`.
Fields and parameters that are not described here are refused by name, and so is a text with U+0000 or half a surrogate pair, JSON of
more than 64 levels (32 in \`variables\`, \`apns\` and \`fcm\`), and a body of more than 20 MB, unless the operator has set another limit.

An error is a problem (RFC 9457, \`application/problem+json\`) with a stable \`code\`, which stands with each answer below; words are
for people. \`requestId\` is in the server's log and in the header \`X-Request-Id\`.`;

/** The OpenAPI 3.1 document of some routes, from the same schemas that check requests. Its server is that of the examples. */
export function createOpenApiDocument(routes: readonly Route[]): oas31.OpenAPIObject {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    const path = pathTemplate(route.path);
    paths[path] = { ...paths[path], [route.method]: toOperation(route) };
  }
  const document = createDocument({
    openapi: "3.1.1",
    info: {
      title: "Fanfare API",
      version: "v1",
      description: DESCRIPTION,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: EXAMPLE.baseUrl }],
    security: [{ basic: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: { Problem: problemSchema },
      headers: HEADERS,
      examples: PROBLEM_EXAMPLES,
      securitySchemes: {
        basic: {
          type: "http",
          scheme: "basic",
          description:
            "An account's id and auth token, an API key's id and secret, or `admin` and the operator's password. An operation names what it wants: a scope of the API key (an account has all of them), or `operator`.",
        },
      },
    },
  });
  return fillExamples(document, routes);
}

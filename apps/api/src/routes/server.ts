import { answerReadiness } from "@fanfare/runtime";
import { z } from "zod";
import { baseUrl } from "../base-url.js";
import { defineRoute } from "../route.js";

const tag = "Server";

/** `GET /healthz` */
export const checkHealth = defineRoute({
  method: "get",
  path: "/healthz",
  operationId: "checkHealth",
  tag,
  summary: "Ask whether the process lives",
  access: "anyone",
  answers: [
    {
      status: 200,
      description: "It lives",
      schema: z.object({ status: z.literal("ok").meta({ description: "Always the same" }) }).meta({ id: "Health" }),
    },
  ],
  handle: () => async () => ({ body: { status: "ok" } }),
});

const checkSchema = z.object({
  ok: z.boolean().meta({ description: "Whether it is at hand" }),
  detail: z
    .string()
    .optional()
    .meta({ description: "What there is to say of it, to those who are told (READINESS_DETAIL)", examples: ["2 ms"] }),
});

const readinessSchema = z
  .object({
    status: z.enum(["ok", "degraded", "unavailable"]).meta({
      description: "`degraded`: requests are taken, and some of what follows from them is done later",
    }),
    checks: z.record(z.string(), checkSchema).meta({
      description: "What the process needs, by name",
      examples: [{ postgres: { ok: true }, queue: { ok: true } }],
    }),
  })
  .meta({ id: "Readiness" });

/** `GET /readyz` */
export const checkReadiness = defineRoute({
  method: "get",
  path: "/readyz",
  operationId: "checkReadiness",
  tag,
  summary: "Ask whether requests are taken",
  access: "anyone",
  answers: [
    { status: 200, description: "They are", schema: readinessSchema },
    {
      status: 503,
      description: "They are not, and why",
      schema: readinessSchema,
      example: { status: "unavailable", checks: { postgres: { ok: false }, queue: { ok: true } } },
    },
  ],
  handle:
    ({ readiness, readinessDetail }) =>
    async ({ http: { req } }) =>
      answerReadiness(await readiness(), req, readinessDetail),
});

/** `GET /openapi.json` */
export const fetchDocument = defineRoute({
  method: "get",
  path: "/openapi.json",
  operationId: "fetchDocument",
  tag,
  summary: "Fetch this document",
  access: "any-caller",
  answers: [
    {
      status: 200,
      description: "The OpenAPI 3.1 document",
      schema: z.looseObject({
        openapi: z.string().meta({ description: "Version of OpenAPI", examples: ["3.1.1"] }),
        info: z.looseObject({}).meta({ description: "Name and version of the API" }),
        paths: z.looseObject({}).meta({ description: "All operations, by path" }),
      }),
      example: { openapi: "3.1.1", info: { title: "Fanfare API", version: "v1" }, paths: {} },
    },
  ],
  handle:
    ({ documentAt, publicUrl }) =>
    async ({ http: { req } }) => ({ body: documentAt(baseUrl(publicUrl, req)) }),
});

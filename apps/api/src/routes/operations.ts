import { cancelOperation, listAttempts, listOperationErrors, listOperations, logCompleted } from "@fanfare/db";
import {
  AppError,
  initialStats,
  MAX_ORDINAL,
  operationErrorSchema,
  operationSchema,
  operationStatusSchema,
} from "@fanfare/domain";
import { z } from "zod";
import { createdFilters, tagsFilter, withTags } from "../filters.js";
import { idParams, notFound, requireOperation, requireUuid } from "../find-resource.js";
import { requestFields } from "../middleware/request-log.js";
import { cutIdPage, cutPage, idPage, idPageQuery, pageQuery, pagination, paginationSchema } from "../paging.js";
import { attemptsPageSchema, toAttemptResource } from "../resources/notification.js";
import { toOperationErrors, toOperationResource } from "../resources/operation.js";
import { defineRoute } from "../route.js";

const path = "/v1/PushNotifications/Operations";
const tag = "Operations";
const params = idParams("operationId");
const operation = operationSchema.meta({ id: "Operation" });

/** `GET /v1/PushNotifications/Operations` */
export const listAllOperations = defineRoute({
  method: "get",
  path,
  operationId: "listOperations",
  tag,
  summary: "List operations, newest first",
  access: "read",
  query: withTags(
    z.strictObject({
      status: operationStatusSchema.optional().meta({ description: "Only operations with this status." }),
      tags: tagsFilter,
      ...createdFilters,
      ...idPageQuery,
    }),
  ),
  answers: [
    {
      status: 200,
      description: "A page of operations",
      schema: z.object({
        operations: z.array(operation).meta({ description: "Operations, newest first." }),
        pagination: paginationSchema,
      }),
    },
  ],
  handle:
    ({ db, publicUrl }) =>
    async (req, account) => {
      const { status, tags = {}, createdAfter, createdBefore } = req.query;
      const filter = { status, tags, createdAfter, createdBefore };
      const found = await listOperations(db, account.id, filter, idPage(req.query));
      const { entries, pagination } = cutIdPage(found, req, publicUrl);
      return {
        body: { operations: entries.map(toOperationResource), pagination },
      };
    },
});

/** `GET /v1/PushNotifications/Operations/{operationId}` */
export const fetchOperation = defineRoute({
  method: "get",
  path: `${path}/:operationId`,
  operationId: "fetchOperation",
  tag,
  summary: "Fetch an operation: its status and stats",
  access: "read",
  params,
  answers: [{ status: 200, description: "The operation", schema: operation }],
  handle:
    ({ db }) =>
    async ({ params: { operationId }, http }, account) => {
      return { body: toOperationResource(await requireOperation(db, account, operationId, http.req)) };
    },
});

/** `POST /v1/PushNotifications/Operations/{operationId}/Cancel` */
export const cancel = defineRoute({
  method: "post",
  path: `${path}/:operationId/Cancel`,
  operationId: "cancelOperation",
  tag,
  summary: "Cancel what no provider has accepted",
  description: "What was sent keeps its status. What a worker is sending at this moment may still be sent.",
  access: "send",
  params,
  answers: [
    {
      ...{ status: 202, description: "Canceled, or being canceled", schema: operation },
      example: { status: "CANCELED", stats: { ...initialStats(3), queued: 0, canceled: 3 } },
    },
  ],
  errors: ["already-finished"],
  handle:
    ({ db, log }) =>
    async ({ params: { operationId }, http: { req, res } }, account) => {
      const uuid = requireUuid("operation", operationId, req);
      const ofRequest = requestFields(req, res);
      const tellCompleted = logCompleted({
        info: (fields, message) => log.info({ ...ofRequest, ...fields }, message),
      });
      const result = await cancelOperation(db, account.id, uuid, tellCompleted);
      if (result === "not-found") throw notFound("operation", operationId);
      if (result === "finished")
        throw new AppError(
          "already-finished",
          "The operation is finished: nothing is left to cancel, and nothing was done.",
        );
      log.info({ ...ofRequest, operation: operationId }, "A cancel is accepted");
      return { status: 202, body: toOperationResource(await requireOperation(db, account, operationId, req)) };
    },
});

/** `GET /v1/PushNotifications/Operations/{operationId}/Errors` */
export const listErrors = defineRoute({
  method: "get",
  path: `${path}/:operationId/Errors`,
  operationId: "listOperationErrors",
  tag,
  summary: "What went wrong, grouped by code, most frequent first",
  access: "read",
  params,
  answers: [
    {
      status: 200,
      description: "All kinds of errors of the operation; there are never many",
      schema: z.object({
        errors: z
          .array(operationErrorSchema.meta({ id: "OperationError" }))
          .meta({ description: "Kinds of errors, most frequent first; empty when nothing went wrong." }),
        pagination: paginationSchema,
      }),
    },
  ],
  handle:
    ({ db, publicUrl }) =>
    async ({ params: { operationId }, http: { req } }, account) => {
      const found = await requireOperation(db, account, operationId, req);
      const errors = toOperationErrors(found, await listOperationErrors(db, found.id));
      return { body: { errors, pagination: pagination(publicUrl, req, null) } };
    },
});

const attemptCursor = z.strictObject({ ordinal: z.int().min(0).max(MAX_ORDINAL), number: z.int().min(0).max(32_767) });

/** `GET /v1/PushNotifications/Operations/{operationId}/Attempts` */
export const listOperationAttempts = defineRoute({
  method: "get",
  path: `${path}/:operationId/Attempts`,
  operationId: "listOperationAttempts",
  tag,
  summary: "Every provider call of an operation, in the order of its request",
  access: "read",
  params,
  query: z.strictObject(pageQuery(attemptCursor)),
  answers: [
    {
      status: 200,
      description: "A page of attempts",
      schema: attemptsPageSchema,
    },
  ],
  handle:
    ({ db, publicUrl }) =>
    async (req, account) => {
      const { id } = await requireOperation(db, account, req.params.operationId, req.http.req);
      const { pageToken, pageSize } = req.query;
      const found = await listAttempts(db, id, { after: pageToken, limit: pageSize + 1 });
      const { entries, pagination } = cutPage(found, req, publicUrl, ({ ordinal, number }) => ({ ordinal, number }));
      return { body: { attempts: entries.map(toAttemptResource), pagination } };
    },
});

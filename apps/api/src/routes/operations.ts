import { cancelOperation, listAttempts, listOperationErrors, listOperations, logCompleted } from "@fanfare/db";
import { AppError, MAX_ORDINAL, operationErrorSchema, operationSchema, operationStatusSchema } from "@fanfare/domain";
import { z } from "zod";
import { tagsFilter, timeFilter, withTags } from "../filters.js";
import { idParams, notFound, requireOperation, requireUuid } from "../find-resource.js";
import { requestFields } from "../middleware/request-log.js";
import { cutPage, idPage, idPageQuery, pageQuery, pagination, paginationSchema } from "../paging.js";
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
      status: operationStatusSchema.optional(),
      tags: tagsFilter,
      createdAfter: timeFilter,
      createdBefore: timeFilter,
      ...idPageQuery,
    }),
  ),
  answers: [
    {
      status: 200,
      description: "A page of operations",
      schema: z.object({ operations: z.array(operation), pagination: paginationSchema }),
    },
  ],
  async handle(call) {
    const { context, caller, query } = call;
    const { status, tags = {}, createdAfter, createdBefore } = query;
    const filter = { status, tags, createdAfter, createdBefore };
    const found = await listOperations(context.db, caller.accountId, filter, idPage(query));
    const page = cutPage(call, found, ({ id }) => ({ before: id }));
    return { body: { operations: page.entries.map(toOperationResource), pagination: page.pagination } };
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
  async handle(call) {
    return { body: toOperationResource(await requireOperation(call, call.params.operationId)) };
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
  answers: [{ status: 202, description: "Canceled, or being canceled", schema: operation }],
  errors: ["already-finished"],
  async handle(call) {
    const {
      context,
      caller,
      params: { operationId },
      req,
      res,
    } = call;
    const uuid = requireUuid("operation", operationId, req);
    const ofRequest = requestFields(req, res);
    const tellCompleted = logCompleted({
      info: (fields, message) => context.log.info({ ...ofRequest, ...fields }, message),
    });
    const result = await cancelOperation(context.db, caller.accountId, uuid, tellCompleted);
    if (result === "not-found") throw notFound("operation", operationId);
    if (result === "finished")
      throw new AppError(
        "already-finished",
        "The operation is finished: nothing is left to cancel, and nothing was done.",
      );
    context.log.info({ ...ofRequest, operation: operationId }, "A cancel is accepted");
    return { status: 202, body: toOperationResource(await requireOperation(call, operationId)) };
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
        errors: z.array(operationErrorSchema.meta({ id: "OperationError" })),
        pagination: paginationSchema,
      }),
    },
  ],
  async handle(call) {
    const found = await requireOperation(call, call.params.operationId);
    const errors = toOperationErrors(found, await listOperationErrors(call.context.db, found.id));
    return { body: { errors, pagination: pagination(call, null) } };
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
  async handle(call) {
    const { context, query } = call;
    const { id } = await requireOperation(call, call.params.operationId);
    const found = await listAttempts(context.db, id, { after: query.pageToken, limit: query.pageSize + 1 });
    const page = cutPage(call, found, ({ ordinal, number }) => ({ ordinal, number }));
    return { body: { attempts: page.entries.map(toAttemptResource), pagination: page.pagination } };
  },
});

import { findOperation, listNotifications, type StoredOperation } from "@fanfare/db";
import { AppError, parseId } from "@fanfare/domain";
import type { Request, RequestHandler } from "express";
import { z } from "zod";
import { baseUrl } from "../base-url.js";
import type { ApiContext } from "../context.js";
import { toNotificationResource } from "../notification-resource.js";
import { decodePageToken, encodePageToken } from "../page-token.js";
import { parseRequest } from "../parse-request.js";

const querySchema = z.strictObject({
  operationId: z.string({ error: "is required" }).transform((id, context) => {
    const uuid = parseId("operation", id);
    if (!uuid) context.addIssue({ code: "custom", message: "is not the id of an operation" });
    return uuid ?? "";
  }),
  pageSize: z.coerce.number().int().min(1).max(1_000).default(50),
  pageToken: z.string().transform(decodePageToken).optional(),
});

/** `GET /v1/PushNotifications?operationId=…`: the notifications of an operation, in the order of its request. */
export function listOperationNotifications(context: ApiContext): RequestHandler {
  return async (req, res) => {
    const { operationId, pageSize, pageToken } = parseRequest(querySchema, req.query);
    const operation = await findOperation(context.db, context.account.uuid, operationId);
    if (!operation) throw new AppError("not-found", `There is no operation ${String(req.query.operationId)}.`);
    const first = (pageToken?.afterOrdinal ?? 0) + 1;
    const last = Math.min(first + pageSize - 1, operation.stats.recipients);
    const notifications = await listNotifications(context.db, operation.id, { first, last });
    res.json({
      notifications: notifications.map((notification) => toNotificationResource(operation, notification)),
      pagination: { next: nextUrl(context, req, operation, last), self: `${baseUrl(context, req)}${req.originalUrl}` },
    });
  };
}

function nextUrl(context: ApiContext, req: Request, operation: StoredOperation, last: number): string | null {
  if (last >= operation.stats.recipients) return null;
  const url = new URL(`${baseUrl(context, req)}${req.originalUrl}`);
  url.searchParams.set("pageToken", encodePageToken({ afterOrdinal: last }));
  return url.href;
}

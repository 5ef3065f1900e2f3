import { acceptOperation } from "@fanfare/db";
import { formatId, sendRequestSchema, withoutDuplicates } from "@fanfare/domain";
import type { RequestHandler } from "express";
import { baseUrl } from "../base-url.js";
import type { ApiContext } from "../context.js";
import { parseRequest } from "../parse-request.js";

/** `POST /v1/PushNotifications`: 202 once the operation and all of its recipients are committed. */
export function sendNotifications(context: ApiContext): RequestHandler {
  return async (req, res) => {
    const { to, tags, ...message } = parseRequest(sendRequestSchema, req.body);
    const recipients = withoutDuplicates(to);
    const { id, batches } = await acceptOperation(context.db, {
      accountId: context.account.uuid,
      message,
      tags,
      recipients,
    });
    for (const batch of batches) context.enqueueFanOut(batch);
    const operationId = formatId("operation", id);
    const operationLocation = `${baseUrl(context, req)}/v1/PushNotifications/Operations/${operationId}`;
    res
      .status(202)
      .location(operationLocation)
      .set("operationId", operationId)
      .json({ operationId, operationLocation });
  };
}

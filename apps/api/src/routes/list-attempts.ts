import { listAttempts, type StoredAttempt, type StoredNotification } from "@fanfare/db";
import { type AttemptResource, formatAttemptId, formatId, notificationUuid } from "@fanfare/domain";
import type { RequestHandler } from "express";
import { baseUrl } from "../base-url.js";
import type { ApiContext } from "../context.js";
import { requireNotification } from "../find-resource.js";

/** `GET /v1/PushNotifications/{notificationId}/Attempts`: all of them, first to last; there are never many. */
export function listNotificationAttempts(context: ApiContext): RequestHandler<{ notificationId: string }> {
  return async (req, res) => {
    const { operation, notification } = await requireNotification(context, req.params.notificationId);
    const attempts = await listAttempts(context.db, operation.id, notification.ordinal);
    res.json({
      attempts: attempts.map((attempt) => toAttemptResource(attempt, notification)),
      pagination: { next: null, self: `${baseUrl(context, req)}${req.originalUrl}` },
    });
  };
}

function toAttemptResource(attempt: StoredAttempt, { token }: StoredNotification): AttemptResource {
  const uuid = notificationUuid(attempt.operationId, attempt.ordinal);
  return {
    id: formatAttemptId(uuid, attempt.number),
    notificationId: formatId("notification", uuid),
    provider: attempt.provider,
    token,
    attemptNumber: attempt.number,
    mayRepeat: attempt.mayRepeat,
    outcome: attempt.outcome,
    blame: attempt.blame,
    httpStatus: attempt.httpStatus,
    providerCode: attempt.providerCode,
    providerMessageId: attempt.providerMessageId,
    detail: attempt.detail,
    startedAt: attempt.startedAt.toISOString(),
    latencyMs: attempt.latencyMs,
    nextAttemptAt: attempt.nextAttemptAt?.toISOString() ?? null,
  };
}

import { findNotifications, listAttempts } from "@fanfare/db";
import {
  EXAMPLE,
  formatId,
  MAX_ORDINAL,
  notificationDetailsSchema,
  notificationSchema,
  notificationStatusSchema,
  providerSchema,
  tokenSchema,
  userIdSchema,
} from "@fanfare/domain";
import { z } from "zod";
import { createdFilters, operationIdFilter, tagsFilter, withTags } from "../filters.js";
import { idParams, requireNotification, requireOperation } from "../find-resource.js";
import { pageQuery, pagination, paginationSchema } from "../paging.js";
import {
  attemptsPageSchema,
  toAttemptResource,
  toNotificationDetails,
  toNotificationResource,
} from "../resources/notification.js";
import { defineRoute } from "../route.js";

const path = "/v1/PushNotifications";
const tag = "Notifications";
const params = idParams("notificationId");

/** Attempts of one notification: an attempt policy and a list of addresses keep them few. */
const ATTEMPTS_MAX = 10_000;

const cursor = z.strictObject({ operationId: z.guid(), ordinal: z.int().min(0).max(MAX_ORDINAL) });

/** `GET /v1/PushNotifications` */
export const listNotificationsRoute = defineRoute({
  method: "get",
  path,
  operationId: "listNotifications",
  tag,
  summary: "List notifications, newest operation first, each in the order of its request",
  description:
    "A page may be short, even empty, although more follow: `pagination.next` alone tells. Notifications are found by `token` or `userId` once they are on record, or at any time together with `operationId`.",
  access: "read",
  query: withTags(
    z.strictObject({
      operationId: operationIdFilter,
      status: notificationStatusSchema.optional().meta({ description: "Only notifications with this status." }),
      provider: providerSchema.optional().meta({ description: "Only notifications that go through this provider." }),
      token: tokenSchema
        .optional()
        .meta({ description: "Only notifications to this device token.", examples: [EXAMPLE.fcmToken] }),
      userId: userIdSchema.optional().meta({
        override: { type: "string", examples: [EXAMPLE.ids.pushnotificationuser] },
        description: "Only notifications to this user.",
      }),
      tags: tagsFilter,
      ...createdFilters,
      ...pageQuery(cursor),
    }),
  ),
  answers: [
    {
      status: 200,
      description: "A page of notifications",
      schema: z.object({
        notifications: z
          .array(notificationSchema.meta({ id: "Notification" }))
          .meta({ description: "Notifications, those of the newest operation first." }),
        pagination: paginationSchema,
      }),
    },
  ],
  exampleQuery: { operationId: EXAMPLE.ids.operation },
  errors: ["not-found"],
  handle:
    ({ db, publicUrl }) =>
    async ({ query, http: { req } }, account) => {
      const { pageSize, pageToken, ...filter } = query;
      const { operationId } = filter;
      if (operationId !== undefined) await requireOperation(db, account, formatId("operation", operationId), req);
      const page = { after: pageToken, limit: pageSize };
      const { found, next } = await findNotifications(db, account.id, filter, page);
      const notifications = found.map(({ operation, notification }) => toNotificationResource(operation, notification));
      return { body: { notifications, pagination: pagination(publicUrl, req, next) } };
    },
});

/** `GET /v1/PushNotifications/{notificationId}` */
export const fetchNotification = defineRoute({
  method: "get",
  path: `${path}/:notificationId`,
  operationId: "fetchNotification",
  tag,
  summary: "Fetch a notification, with its content as the recipient gets it",
  access: "read",
  params,
  answers: [
    {
      status: 200,
      description: "The notification",
      schema: notificationDetailsSchema.meta({ id: "NotificationDetails" }),
    },
  ],
  handle:
    ({ db }) =>
    async ({ params: { notificationId }, http }, account) => {
      const { operation, notification } = await requireNotification(db, account, notificationId, http.req);
      return { body: await toNotificationDetails(db, operation, notification) };
    },
});

/** `GET /v1/PushNotifications/{notificationId}/Attempts` */
export const listNotificationAttempts = defineRoute({
  method: "get",
  path: `${path}/:notificationId/Attempts`,
  operationId: "listNotificationAttempts",
  tag,
  summary: "Every provider call of a notification, first to last",
  access: "read",
  params,
  answers: [
    {
      status: 200,
      description: "All attempts; there are never many",
      schema: attemptsPageSchema,
    },
  ],
  handle:
    ({ db, publicUrl }) =>
    async ({ params: { notificationId }, http: { req } }, account) => {
      const { operation, notification } = await requireNotification(db, account, notificationId, req);
      const { ordinal } = notification;
      const attempts = await listAttempts(db, operation.id, { ordinal, limit: ATTEMPTS_MAX });
      return { body: { attempts: attempts.map(toAttemptResource), pagination: pagination(publicUrl, req, null) } };
    },
});

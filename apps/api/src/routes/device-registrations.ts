import {
  deleteDeviceRegistration,
  findDeviceRegistration,
  listDeviceRegistrations,
  listInvalidTokens,
  registerDevices,
} from "@fanfare/db";
import {
  appNameSchema,
  deviceRegistrationSchema,
  EXAMPLE,
  formatId,
  invalidTokenSchema,
  registerDevicesSchema,
  shownId,
  userIdSchema,
} from "@fanfare/domain";
import { z } from "zod";
import { timeFilter, timeSchema } from "../filters.js";
import { idParams, notFound, requireUuid } from "../find-resource.js";
import { unknown } from "../find-sender.js";
import { cutIdPage, cutPage, idPage, idPageQuery, pageQuery, paginationSchema } from "../paging.js";
import { toDeviceRegistrationResource, toInvalidTokenResource } from "../resources/user.js";
import { defineRoute } from "../route.js";

const path = "/v1/PushNotifications/DeviceRegistrations";
const tag = "Users";
const params = idParams("registrationId");
const registration = deviceRegistrationSchema.meta({ id: "DeviceRegistration" });

/** `POST /v1/PushNotifications/DeviceRegistrations` */
export const register = defineRoute({
  method: "post",
  path,
  operationId: "registerDevices",
  tag,
  summary: "Register a user's devices",
  description:
    "Without `userId` a user is created. A token belongs to one user per app: registered again it moves to this one, and if its provider had declared it dead it is tried again.",
  access: "send",
  body: registerDevicesSchema,
  example: { appName: EXAMPLE.appName, devices: [{ provider: "FCM", token: EXAMPLE.goneToken }] },
  answers: [
    {
      status: 201,
      description: "Registered",
      schema: z.object({
        userId: shownId("pushnotificationuser", "Id of the user whose devices these are: what a send names."),
        deviceRegistrations: z
          .array(registration)
          .meta({ description: "The devices of the request, each as it is registered now." }),
      }),
    },
  ],
  errors: ["unknown-app", "unknown-user"],
  handle:
    ({ db }) =>
    async ({ body }, account) => {
      const result = await registerDevices(db, account.id, body);
      if (result.kind === "unknown-app") {
        throw unknown("unknown-app", "/appName", `There is no app ${body.appName}`);
      }
      if (result.kind === "unknown-user") throw unknown("unknown-user", "/userId", "There is no such user");
      const deviceRegistrations = result.registrations.map(toDeviceRegistrationResource);
      return { status: 201, body: { userId: formatId("pushnotificationuser", result.userId), deviceRegistrations } };
    },
});

/** `GET /v1/PushNotifications/DeviceRegistrations` */
export const listRegistrations = defineRoute({
  method: "get",
  path,
  operationId: "listDeviceRegistrations",
  tag,
  summary: "List device registrations, newest first",
  access: "read",
  query: z.strictObject({
    userId: userIdSchema.optional().meta({
      override: { type: "string", examples: [EXAMPLE.ids.pushnotificationuser] },
      description: "Only devices of this user.",
    }),
    appName: appNameSchema.optional().meta({ description: "Only devices of this app.", examples: [EXAMPLE.appName] }),
    ...idPageQuery,
  }),
  answers: [
    {
      status: 200,
      description: "A page of device registrations",
      schema: z.object({
        deviceRegistrations: z.array(registration).meta({ description: "Device registrations, newest first." }),
        pagination: paginationSchema,
      }),
    },
  ],
  handle:
    ({ db, publicUrl }) =>
    async (req, account) => {
      const found = await listDeviceRegistrations(db, account.id, req.query, idPage(req.query));
      const { entries, pagination } = cutIdPage(found, req, publicUrl);
      const deviceRegistrations = entries.map(toDeviceRegistrationResource);
      return { body: { deviceRegistrations, pagination } };
    },
});

/** `GET /v1/PushNotifications/DeviceRegistrations/{registrationId}` */
export const fetchRegistration = defineRoute({
  method: "get",
  path: `${path}/:registrationId`,
  operationId: "fetchDeviceRegistration",
  tag,
  summary: "Fetch a device registration",
  access: "read",
  params,
  answers: [{ status: 200, description: "The device registration", schema: registration }],
  handle:
    ({ db }) =>
    async ({ params: { registrationId }, http }, account) => {
      const id = requireUuid("device_registration", registrationId, http.req);
      const found = await findDeviceRegistration(db, account.id, id);
      if (!found) throw notFound("device registration", registrationId);
      return { body: toDeviceRegistrationResource(found) };
    },
});

/** `DELETE /v1/PushNotifications/DeviceRegistrations/{registrationId}` */
export const removeRegistration = defineRoute({
  method: "delete",
  path: `${path}/:registrationId`,
  operationId: "deleteDeviceRegistration",
  tag,
  summary: "Forget a device",
  access: "send",
  params,
  answers: [{ status: 204, description: "Forgotten" }],
  handle:
    ({ db }) =>
    async ({ params: { registrationId }, http }, account) => {
      const id = requireUuid("device_registration", registrationId, http.req);
      const removed = await deleteDeviceRegistration(db, account.id, id);
      if (!removed) throw notFound("device registration", registrationId);
      return { status: 204 };
    },
});

const invalidTokenCursor = z.strictObject({ recordedAt: timeSchema, id: z.guid() });

/** `GET /v1/PushNotifications/InvalidTokens` */
export const listInvalidTokensRoute = defineRoute({
  method: "get",
  path: "/v1/PushNotifications/InvalidTokens",
  operationId: "listInvalidTokens",
  tag,
  summary: "Device tokens that providers declared dead, oldest first",
  description:
    "A feed: remember the last `recordedAt` and ask for what came `since`. These tokens are not tried any more until they are registered again.",
  access: "read",
  query: z.strictObject({
    since: timeFilter("Only those with a `recordedAt` at this time or later.", "2026-04-05T00:00:00Z"),
    ...pageQuery(invalidTokenCursor),
  }),
  exampleQuery: { since: "2026-04-05T00:00:00Z" },
  answers: [
    {
      status: 200,
      description: "A page of the feed",
      schema: z.object({
        invalidTokens: z
          .array(invalidTokenSchema.meta({ id: "InvalidToken" }))
          .meta({ description: "Dead device tokens, oldest first." }),
        pagination: paginationSchema,
      }),
    },
  ],
  handle:
    ({ db, publicUrl }) =>
    async (req, account) => {
      const { since, pageToken, pageSize } = req.query;
      const found = await listInvalidTokens(db, account.id, { since, after: pageToken, limit: pageSize + 1 });
      const { entries, pagination } = cutPage(found, req, publicUrl, ({ recordedAt, id }) => ({
        recordedAt: recordedAt.toISOString(),
        id,
      }));
      const invalidTokens = entries.map(toInvalidTokenResource);
      return { body: { invalidTokens, pagination } };
    },
});

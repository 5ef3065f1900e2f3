import { findApp, listApps, updateApp } from "@fanfare/db";
import { appNameSchema, appSchema, onUnknownSchema } from "@fanfare/domain";
import { z } from "zod";
import { audit } from "../audit.js";
import { notFound } from "../find-resource.js";
import { cutPage, idPage, idPageQuery, paginationSchema } from "../paging.js";
import { toAppResource } from "../resources/app.js";
import { defineRoute } from "../route.js";

const path = "/v1/PushNotifications/Apps";
const tag = "Apps";
const params = z.object({ appName: appNameSchema });
const app = appSchema.meta({ id: "App" });

/** `GET /v1/PushNotifications/Apps` */
export const listAllApps = defineRoute({
  method: "get",
  path,
  operationId: "listApps",
  tag,
  summary: "List apps, newest first",
  access: "read",
  query: z.strictObject(idPageQuery),
  answers: [
    {
      status: 200,
      description: "A page of apps",
      schema: z.object({ apps: z.array(app), pagination: paginationSchema }),
    },
  ],
  async handle(call) {
    const { context, caller, query } = call;
    const page = cutPage(call, await listApps(context.db, caller.accountId, idPage(query)), ({ id }) => ({
      before: id,
    }));
    return { body: { apps: page.entries.map(toAppResource), pagination: page.pagination } };
  },
});

/** `GET /v1/PushNotifications/Apps/{appName}` */
export const fetchApp = defineRoute({
  method: "get",
  path: `${path}/:appName`,
  operationId: "fetchApp",
  tag,
  summary: "Fetch an app",
  access: "read",
  params,
  answers: [{ status: 200, description: "The app", schema: app }],
  async handle({ context, caller, params: { appName } }) {
    const found = await findApp(context.db, caller.accountId, appName);
    if (!found) throw notFound("app", appName);
    return { body: toAppResource(found) };
  },
});

/** `PATCH /v1/PushNotifications/Apps/{appName}` */
export const changeApp = defineRoute({
  method: "patch",
  path: `${path}/:appName`,
  operationId: "updateApp",
  tag,
  summary: "Change an app",
  access: "admin",
  params,
  body: z
    .strictObject({
      /** Takes the place of the present default app. */
      isDefault: z.literal(true, { error: "can only be true: make another app the default instead" }).optional(),
      expectsReceipts: z.boolean().optional(),
      onUnknown: onUnknownSchema.optional(),
    })
    .refine((change) => Object.keys(change).length > 0, "must have at least one field"),
  answers: [{ status: 200, description: "The app as it is now", schema: app }],
  async handle(call) {
    const {
      context,
      caller,
      params: { appName },
      body,
    } = call;
    const changed = await updateApp(context.db, caller.accountId, appName, body);
    if (!changed) throw notFound("app", appName);
    await audit(call, "app.updated", appName);
    return { body: toAppResource(changed) };
  },
});

import { findApp, listApps, updateApp } from "@fanfare/db";
import { appNameSchema, appSchema, onUnknownSchema } from "@fanfare/domain";
import { z } from "zod";
import { audited } from "../audit.js";
import { changeOf } from "../change-of.js";
import { notFound } from "../find-resource.js";
import { cutIdPage, idPage, idPageQuery, paginationSchema } from "../paging.js";
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
      schema: z.object({
        apps: z.array(app).meta({ description: "Apps, newest first." }),
        pagination: paginationSchema,
      }),
    },
  ],
  handle:
    ({ db, publicUrl }) =>
    async (req, account) => {
      const found = await listApps(db, account.id, idPage(req.query));
      const { entries, pagination } = cutIdPage(found, req, publicUrl);
      return { body: { apps: entries.map(toAppResource), pagination } };
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
  handle:
    ({ db }) =>
    async ({ params: { appName } }, account) => {
      const found = await findApp(db, account.id, appName);
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
  body: changeOf({
    isDefault: z
      .literal(true, { error: "can only be true: make another app the default instead" })
      .meta({ description: "Makes it the default app, in the place of the present one." })
      .optional(),
    onUnknown: onUnknownSchema.optional(),
  }),
  example: { onUnknown: "fail" },
  answers: [{ status: 200, description: "The app as it is now", schema: app, example: { onUnknown: "fail" } }],
  handle:
    ({ db, log }) =>
    async ({ params: { appName }, body, http }, account) => {
      const changed = await audited({ db, log }, http, account, async (tx, note) => {
        const app = await updateApp(tx, account.id, appName, body);
        if (!app) throw notFound("app", appName);
        await note({ action: "app.updated", accountId: account.id, target: appName });
        return app;
      });
      return { body: toAppResource(changed) };
    },
});

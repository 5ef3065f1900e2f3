import {
  createCredential,
  createCredentialCheck,
  type Db,
  deleteCredential,
  findCredential,
  findCredentialCheck,
  listCredentials,
  updateCredential,
} from "@fanfare/db";
import {
  AppError,
  appNameSchema,
  CREDENTIAL_PROVIDERS,
  credentialSchema,
  credentialTypeSchema,
  EXAMPLE,
  formatId,
  shownId,
  verificationSchema,
} from "@fanfare/domain";
import { QueueFullError } from "@fanfare/queues";
import type { Request } from "express";
import { z } from "zod";
import { audited } from "../audit.js";
import { baseUrl } from "../base-url.js";
import type { ActingAccount } from "../caller.js";
import { changeOf } from "../change-of.js";
import { credentialBodySchemas, parseCredentialContent } from "../credential-content.js";
import { idParams, notFound, requireUuid } from "../find-resource.js";
import { cutIdPage, idPage, idPageQuery, paginationSchema } from "../paging.js";
import { toCredentialResource } from "../resources/app.js";
import { defineRoute } from "../route.js";

const path = "/v1/PushNotifications/Credentials";
const tag = "Apps";
const params = idParams("credentialId");
const credential = credentialSchema.meta({ id: "Credential" });

/** `POST /v1/PushNotifications/Credentials` */
export const createCredentialRoute = defineRoute({
  method: "post",
  path,
  operationId: "createCredential",
  tag,
  summary: "Add provider keys to an app",
  description: "An app that does not exist is made. The keys are checked, stored encrypted, and never shown again.",
  access: "admin",
  body: z.strictObject({
    credentialType: credentialTypeSchema,
    appName: appNameSchema.meta({ description: "The app that they are for; one that does not exist is made." }),
    isDefault: z
      .boolean()
      .meta({
        description:
          "Whether it becomes its app's default among the credentials of its type, in the place of the present one. The first of a type is the default in any case.",
      })
      .optional(),
    content: credentialBodySchemas,
  }),
  example: {
    credentialType: "APN",
    appName: "airline",
    content: {
      key: "-----BEGIN PRIVATE KEY-----\nMIGT…\n-----END PRIVATE KEY-----\n",
      keyId: "ABCDEFGHIJ",
      teamId: "KLMNOPQRST",
      bundleId: "com.example.airline",
    },
  },
  answers: [
    {
      status: 201,
      description: "Stored",
      schema: z.object({
        resourceId: shownId("credential"),
        resourceLocation: z.string().meta({
          description: "URL of the credential.",
          examples: [`${EXAMPLE.baseUrl}${path}/${EXAMPLE.ids.credential}`],
        }),
      }),
      headers: ["Location"],
    },
  ],
  errors: ["limit-reached"],
  handle:
    ({ db, log, keyring, limits, publicUrl }) =>
    async ({ body, http }, account) => {
      const { credentialType, appName, isDefault, content } = body;
      const parsed = parseCredentialContent(credentialType, content);
      const resourceId = await audited({ db, log }, http, account, async (tx, note) => {
        const created = await createCredential(tx, keyring(), account.id, { ...parsed, appName, isDefault }, limits);
        if (created.kind === "limit") {
          const what = created.limit === "apps" ? "apps an account" : "credentials an app";
          throw new AppError("limit-reached", `There can be ${created.max} ${what}; nothing was stored.`);
        }
        const target = formatId("credential", created.credential.id);
        await note({ action: "credential.created", accountId: account.id, target });
        return target;
      });
      const resourceLocation = `${baseUrl(publicUrl, http.req)}${path}/${resourceId}`;
      return { status: 201, headers: { Location: resourceLocation }, body: { resourceId, resourceLocation } };
    },
});

/** `GET /v1/PushNotifications/Credentials` */
export const listAllCredentials = defineRoute({
  method: "get",
  path,
  operationId: "listCredentials",
  tag,
  summary: "List credentials, newest first; never their content",
  access: "read",
  query: z.strictObject(idPageQuery),
  answers: [
    {
      status: 200,
      description: "A page of credentials",
      schema: z.object({
        credentials: z.array(credential).meta({ description: "Credentials, newest first." }),
        pagination: paginationSchema,
      }),
    },
  ],
  handle:
    ({ db, publicUrl }) =>
    async (req, account) => {
      const found = await listCredentials(db, account.id, idPage(req.query));
      const { entries, pagination } = cutIdPage(found, req, publicUrl);
      const credentials = entries.map(toCredentialResource);
      return { body: { credentials, pagination } };
    },
});

/** `GET /v1/PushNotifications/Credentials/{credentialId}` */
export const fetchCredential = defineRoute({
  method: "get",
  path: `${path}/:credentialId`,
  operationId: "fetchCredential",
  tag,
  summary: "Fetch a credential; never its content",
  access: "read",
  params,
  answers: [{ status: 200, description: "The credential", schema: credential }],
  handle:
    ({ db }) =>
    async ({ params: { credentialId }, http }, account) => {
      return { body: toCredentialResource(await requireCredential(db, account, credentialId, http.req)) };
    },
});

/** `PATCH /v1/PushNotifications/Credentials/{credentialId}` */
export const changeCredential = defineRoute({
  method: "patch",
  path: `${path}/:credentialId`,
  operationId: "updateCredential",
  tag,
  summary: "Replace provider keys, or make them the default",
  description: "New keys are used by whatever is sent from now on; what is being sent ends with the old ones.",
  access: "admin",
  params,
  body: changeOf({
    isDefault: z
      .literal(true, { error: "can only be true: make another credential the default instead" })
      .meta({ description: "Makes it its app's default among the credentials of its type." })
      .optional(),
    content: credentialBodySchemas.optional(),
  }),
  example: { isDefault: true },
  answers: [{ status: 200, description: "The credential as it is now", schema: credential }],
  handle:
    ({ db, log, keyring, wakeBatchesOf }) =>
    async ({ params: { credentialId }, body, http }, account) => {
      const { id, type } = await requireCredential(db, account, credentialId, http.req);
      const content = body.content === undefined ? undefined : parseCredentialContent(type, body.content).content;
      const change = { isDefault: body.isDefault, content };
      const changed = await audited({ db, log }, http, account, async (tx, note) => {
        const updated = await updateCredential(tx, keyring(), account.id, id, change);
        if (!updated) throw notFound("credential", credentialId);
        await note({ action: "credential.updated", accountId: account.id, target: formatId("credential", id) });
        return updated;
      });
      if (content) wakeBatchesOf(id);
      return { body: toCredentialResource(changed) };
    },
});

/** `DELETE /v1/PushNotifications/Credentials/{credentialId}` */
export const removeCredential = defineRoute({
  method: "delete",
  path: `${path}/:credentialId`,
  operationId: "deleteCredential",
  tag,
  summary: "Delete provider keys",
  description: "Notifications that still wait for them fail with NO_CREDENTIAL.",
  access: "admin",
  params,
  answers: [{ status: 204, description: "Deleted" }],
  handle:
    ({ db, log }) =>
    async ({ params: { credentialId }, http }, account) => {
      const id = requireUuid("credential", credentialId, http.req);
      await audited({ db, log }, http, account, async (tx, note) => {
        if (!(await deleteCredential(tx, account.id, id))) throw notFound("credential", credentialId);
        await note({ action: "credential.deleted", accountId: account.id, target: formatId("credential", id) });
      });
      return { status: 204 };
    },
});

/** How long a worker may take to verify, and how often its answer is looked for, in milliseconds. */
const VERIFY_TIMEOUT_MS = 25_000;
const VERIFY_POLL_MS = 100;

/** `POST /v1/PushNotifications/Credentials/{credentialId}/Verify` */
export const verifyCredential = defineRoute({
  method: "post",
  path: `${path}/:credentialId/Verify`,
  operationId: "verifyCredential",
  tag,
  summary: "Ask the provider whether the keys are right",
  description:
    "A worker pushes to a device token that can not exist: a provider that objects to the token alone accepts all the rest.",
  access: "admin",
  params,
  answers: [
    { status: 200, description: "What the provider said", schema: verificationSchema.meta({ id: "Verification" }) },
  ],
  waitsMs: VERIFY_TIMEOUT_MS,
  errors: ["unavailable"],
  handle:
    ({ db, enqueueCheck }) =>
    async ({ params: { credentialId }, http }, account) => {
      const { id, type } = await requireCredential(db, account, credentialId, http.req);
      const checkId = await createCredentialCheck(db, id);
      const provider = CREDENTIAL_PROVIDERS[type];
      try {
        await enqueueCheck(provider, checkId);
      } catch (cause) {
        const why = cause instanceof QueueFullError ? "Too many checks wait already" : "The queue can not be reached";
        throw new AppError("unavailable", `${why}; the credential was not verified.`, { cause });
      }
      for (const giveUpAt = Date.now() + VERIFY_TIMEOUT_MS; Date.now() < giveUpAt; ) {
        const result = await findCredentialCheck(db, checkId);
        if (result) return { body: result };
        await new Promise((resolve) => setTimeout(resolve, VERIFY_POLL_MS));
      }
      throw new AppError("unavailable", `No worker for ${provider} answered in time; is one running?`);
    },
});

async function requireCredential(db: Db, account: ActingAccount, credentialId: string, req: Request) {
  const found = await findCredential(db, account.id, requireUuid("credential", credentialId, req));
  if (!found) throw notFound("credential", credentialId);
  return found;
}

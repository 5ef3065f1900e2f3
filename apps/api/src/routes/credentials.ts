import {
  createCredential,
  createCredentialCheck,
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
  formatId,
  verificationSchema,
} from "@fanfare/domain";
import { QueueFullError } from "@fanfare/queues";
import { z } from "zod";
import { audit } from "../audit.js";
import { baseUrl } from "../base-url.js";
import { credentialBodySchemas, parseCredentialContent } from "../credential-content.js";
import { idParams, notFound, requireUuid } from "../find-resource.js";
import { cutPage, idPage, idPageQuery, paginationSchema } from "../paging.js";
import { toCredentialResource } from "../resources/app.js";
import { type Call, defineRoute } from "../route.js";

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
    appName: appNameSchema,
    isDefault: z.boolean().optional(),
    content: credentialBodySchemas,
  }),
  example: {
    credentialType: "APN",
    appName: "airline",
    content: {
      key: "-----BEGIN PRIVATE KEY-----\nthe .p8 file from Apple\n-----END PRIVATE KEY-----\n",
      keyId: "ABCDEFGHIJ",
      teamId: "KLMNOPQRST",
      bundleId: "com.example.airline",
    },
  },
  answers: [
    {
      status: 201,
      description: "Stored",
      schema: z.object({ resourceId: z.string(), resourceLocation: z.string() }),
      headers: { Location: "URL of the credential" },
    },
  ],
  errors: ["limit-reached"],
  async handle(call) {
    const {
      context,
      caller,
      body: { credentialType, appName, isDefault, content },
      req,
    } = call;
    const parsed = parseCredentialContent(credentialType, content);
    const created = await createCredential(
      context.db,
      context.keyring(),
      caller.accountId,
      { ...parsed, appName, isDefault },
      context.limits,
    );
    if (created.kind === "limit") {
      const what = created.limit === "apps" ? "apps an account" : "credentials an app";
      throw new AppError("limit-reached", `There can be ${created.max} ${what}; nothing was stored.`);
    }
    const resourceId = formatId("credential", created.credential.id);
    await audit(call, "credential.created", resourceId);
    const resourceLocation = `${baseUrl(context, req)}${path}/${resourceId}`;
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
      schema: z.object({ credentials: z.array(credential), pagination: paginationSchema }),
    },
  ],
  async handle(call) {
    const { context, caller, query } = call;
    const found = await listCredentials(context.db, caller.accountId, idPage(query));
    const page = cutPage(call, found, ({ id }) => ({ before: id }));
    return { body: { credentials: page.entries.map(toCredentialResource), pagination: page.pagination } };
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
  async handle(call) {
    return { body: toCredentialResource(await requireCredential(call)) };
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
  body: z
    .strictObject({
      isDefault: z.literal(true, { error: "can only be true: make another credential the default instead" }).optional(),
      content: credentialBodySchemas.optional(),
    })
    .refine((change) => Object.keys(change).length > 0, "must have at least one field"),
  answers: [{ status: 200, description: "The credential as it is now", schema: credential }],
  async handle(call) {
    const {
      context,
      caller,
      params: { credentialId },
      body,
    } = call;
    const { id, type } = await requireCredential(call);
    const content = body.content === undefined ? undefined : parseCredentialContent(type, body.content).content;
    const change = { isDefault: body.isDefault, content };
    const changed = await updateCredential(context.db, context.keyring(), caller.accountId, id, change);
    if (!changed) throw notFound("credential", credentialId);
    if (content) context.wakeBatchesOf(id);
    await audit(call, "credential.updated", formatId("credential", id));
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
  async handle(call) {
    const {
      context,
      caller,
      params: { credentialId },
      req,
    } = call;
    const id = requireUuid("credential", credentialId, req);
    if (!(await deleteCredential(context.db, caller.accountId, id))) throw notFound("credential", credentialId);
    await audit(call, "credential.deleted", formatId("credential", id));
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
  async handle(call) {
    const { context } = call;
    const { id, type } = await requireCredential(call);
    const checkId = await createCredentialCheck(context.db, id);
    const provider = CREDENTIAL_PROVIDERS[type];
    try {
      await context.enqueueCheck(provider, checkId);
    } catch (cause) {
      const why = cause instanceof QueueFullError ? "Too many checks wait already" : "The queue can not be reached";
      throw new AppError("unavailable", `${why}; the credential was not verified.`, { cause });
    }
    for (const giveUpAt = Date.now() + VERIFY_TIMEOUT_MS; Date.now() < giveUpAt; ) {
      const result = await findCredentialCheck(context.db, checkId);
      if (result) return { body: result };
      await new Promise((resolve) => setTimeout(resolve, VERIFY_POLL_MS));
    }
    throw new AppError("unavailable", `No worker for ${provider} answered in time; is one running?`);
  },
});

async function requireCredential({
  context,
  caller,
  params: { credentialId },
  req,
}: Call<{ credentialId: string }, unknown, unknown>) {
  const id = requireUuid("credential", credentialId, req);
  const found = await findCredential(context.db, caller.accountId, id);
  if (!found) throw notFound("credential", credentialId);
  return found;
}

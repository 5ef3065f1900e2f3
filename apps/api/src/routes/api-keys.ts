import { countApiKeys, createApiKey, findApiKeyOf, listApiKeys, revokeApiKey } from "@fanfare/db";
import {
  API_KEY_ID_PATTERN,
  AppError,
  apiKeySchema,
  apiKeyUuid,
  apiKeyWithSecretSchema,
  displayNameSchema,
  formatApiKeyId,
  scopeSchema,
} from "@fanfare/domain";
import { z } from "zod";
import { audit } from "../audit.js";
import { notFound } from "../find-resource.js";
import { cutIdPage, idPage, idPageQuery, paginationSchema } from "../paging.js";
import { toApiKeyResource } from "../resources/account.js";
import { defineRoute } from "../route.js";
import { hashSecret, mintSecret } from "../secrets.js";

const path = "/v1/ApiKeys";
const tag = "Accounts";
const params = z.object({ apiKeyId: z.string().regex(API_KEY_ID_PATTERN) });
const apiKey = apiKeySchema.meta({ id: "ApiKey" });

/** Keys of an account that can be used at once. */
const API_KEYS_MAX = 100;

/** `POST /v1/ApiKeys` */
export const createApiKeyRoute = defineRoute({
  method: "post",
  path,
  operationId: "createApiKey",
  tag,
  summary: "Make an API key",
  description: "Its id is the user and its secret the password of HTTP Basic. The secret is shown this once.",
  access: "admin",
  body: z.strictObject({
    name: displayNameSchema,
    scopes: z
      .array(scopeSchema)
      .min(1)
      .refine((scopes) => new Set(scopes).size === scopes.length, "must not name a scope twice"),
  }),
  answers: [{ status: 201, description: "Made", schema: apiKeyWithSecretSchema.meta({ id: "ApiKeyWithSecret" }) }],
  errors: ["limit-reached"],
  handle:
    ({ db, log }) =>
    async ({ body, http }, account) => {
      if ((await countApiKeys(db, account.id)) >= API_KEYS_MAX) {
        throw new AppError(
          "limit-reached",
          `There can be ${API_KEYS_MAX} API keys an account; nothing was stored. Revoke one first.`,
        );
      }
      const secret = mintSecret();
      const created = await createApiKey(db, account.id, { ...body, secretHash: hashSecret(secret) });
      await audit({ db, log }, http, account, { action: "api-key.created", target: formatApiKeyId(created.id) });
      return { status: 201, body: { ...toApiKeyResource(created), secret } };
    },
});

/** `GET /v1/ApiKeys` */
export const listAllApiKeys = defineRoute({
  method: "get",
  path,
  operationId: "listApiKeys",
  tag,
  summary: "List API keys, newest first, revoked ones included",
  access: "admin",
  query: z.strictObject(idPageQuery),
  answers: [
    {
      status: 200,
      description: "A page of API keys",
      schema: z.object({ apiKeys: z.array(apiKey), pagination: paginationSchema }),
    },
  ],
  handle:
    ({ db, publicUrl }) =>
    async (req, account) => {
      const found = await listApiKeys(db, account.id, idPage(req.query));
      const { entries, pagination } = cutIdPage(found, req, publicUrl);
      return { body: { apiKeys: entries.map(toApiKeyResource), pagination } };
    },
});

/** `GET /v1/ApiKeys/{apiKeyId}` */
export const fetchApiKey = defineRoute({
  method: "get",
  path: `${path}/:apiKeyId`,
  operationId: "fetchApiKey",
  tag,
  summary: "Fetch an API key",
  access: "admin",
  params,
  answers: [{ status: 200, description: "The API key", schema: apiKey }],
  handle:
    ({ db }) =>
    async ({ params: { apiKeyId } }, account) => {
      const found = await findApiKeyOf(db, account.id, apiKeyUuid(apiKeyId));
      if (!found) throw notFound("API key", apiKeyId);
      return { body: toApiKeyResource(found) };
    },
});

/** `DELETE /v1/ApiKeys/{apiKeyId}` */
export const revokeApiKeyRoute = defineRoute({
  method: "delete",
  path: `${path}/:apiKeyId`,
  operationId: "revokeApiKey",
  tag,
  summary: "Revoke an API key for good",
  description: "Every API process refuses it within a second.",
  access: "admin",
  params,
  answers: [{ status: 204, description: "Revoked" }],
  handle:
    ({ db, log, forgetCallers }) =>
    async ({ params: { apiKeyId }, http }, account) => {
      const revoked = await revokeApiKey(db, account.id, apiKeyUuid(apiKeyId));
      if (!revoked) throw notFound("API key", apiKeyId);
      forgetCallers();
      await audit({ db, log }, http, account, { action: "api-key.revoked", target: apiKeyId });
      return { status: 204 };
    },
});

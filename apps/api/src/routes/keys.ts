import { countApiKeys, createApiKey, findApiKeyOf, listApiKeys, lockAccount, revokeApiKey } from "@fanfare/db";
import {
  API_KEY_ID_PATTERN,
  AppError,
  apiKeySchema,
  apiKeyUuid,
  apiKeyWithSecretSchema,
  displayNameSchema,
  formatApiKeyId,
  scopeSchema,
  shownId,
} from "@fanfare/domain";
import { z } from "zod";
import { audited } from "../audit.js";
import { accountParam, requireAccount } from "../find-account.js";
import { notFound } from "../find-resource.js";
import { cutIdPage, idPage, idPageQuery, paginationSchema } from "../paging.js";
import { toApiKeyResource } from "../resources/account.js";
import { defineRoute } from "../route.js";
import { hashSecret, mintSecret } from "../secrets.js";

const path = "/v1/Accounts/:accountId/Keys";
const tag = "Accounts";
const params = z.object(accountParam);
const keyParams = z.object({ ...accountParam, keyId: shownId("apiKey").regex(API_KEY_ID_PATTERN) });
const apiKey = apiKeySchema.meta({ id: "ApiKey" });

/** Keys of an account that can be used at once. */
const API_KEYS_MAX = 100;

/** `POST /v1/Accounts/{accountId}/Keys` */
export const createApiKeyRoute = defineRoute({
  method: "post",
  path,
  operationId: "createApiKey",
  tag,
  summary: "Make an API key",
  description: "Its id is the user and its secret the password of HTTP Basic. The secret is shown this once.",
  access: "account-or-operator",
  params,
  body: z.strictObject({
    name: displayNameSchema.meta({ examples: ["Check-in backend"] }),
    scopes: z
      .array(scopeSchema)
      .min(1)
      .refine((scopes) => new Set(scopes).size === scopes.length, "must not name a scope twice")
      .meta({
        description: "What it may be used for.",
        examples: [["send", "read"]],
        override: { uniqueItems: true },
      }),
  }),
  example: { name: "Check-in backend", scopes: ["send", "read"] },
  answers: [{ status: 201, description: "Made", schema: apiKeyWithSecretSchema.meta({ id: "ApiKeyWithSecret" }) }],
  errors: ["limit-reached"],
  handle:
    ({ db, log }) =>
    async ({ params: { accountId }, body, http }, caller) => {
      const secret = mintSecret();
      const created = await audited({ db, log }, http, caller, async (tx, note) => {
        const { id } = await requireAccount(tx, caller, accountId);
        await lockAccount(tx, id);
        if ((await countApiKeys(tx, id)) >= API_KEYS_MAX) {
          throw new AppError(
            "limit-reached",
            `There can be ${API_KEYS_MAX} API keys an account; nothing was stored. Revoke one first.`,
          );
        }
        const made = await createApiKey(tx, id, { ...body, secretHash: hashSecret(secret) });
        await note({ action: "api-key.created", accountId: id, target: formatApiKeyId(made.id) });
        return made;
      });
      return { status: 201, body: { ...toApiKeyResource(created), secret } };
    },
});

/** `GET /v1/Accounts/{accountId}/Keys` */
export const listAllApiKeys = defineRoute({
  method: "get",
  path,
  operationId: "listApiKeys",
  tag,
  summary: "List API keys, newest first, revoked ones included",
  access: "account-or-operator",
  params,
  query: z.strictObject(idPageQuery),
  answers: [
    {
      status: 200,
      description: "A page of API keys",
      schema: z.object({
        keys: z.array(apiKey).meta({ description: "API keys, newest first, revoked ones included." }),
        pagination: paginationSchema,
      }),
    },
  ],
  handle:
    ({ db, publicUrl }) =>
    async (req, caller) => {
      const { id } = await requireAccount(db, caller, req.params.accountId);
      const found = await listApiKeys(db, id, idPage(req.query));
      const { entries, pagination } = cutIdPage(found, req, publicUrl);
      return { body: { keys: entries.map(toApiKeyResource), pagination } };
    },
});

/** `GET /v1/Accounts/{accountId}/Keys/{keyId}` */
export const fetchApiKey = defineRoute({
  method: "get",
  path: `${path}/:keyId`,
  operationId: "fetchApiKey",
  tag,
  summary: "Fetch an API key",
  access: "account-or-operator",
  params: keyParams,
  answers: [{ status: 200, description: "The API key", schema: apiKey }],
  handle:
    ({ db }) =>
    async ({ params: { accountId, keyId } }, caller) => {
      const { id } = await requireAccount(db, caller, accountId);
      const found = await findApiKeyOf(db, id, apiKeyUuid(keyId));
      if (!found) throw notFound("API key", keyId);
      return { body: toApiKeyResource(found) };
    },
});

/** `DELETE /v1/Accounts/{accountId}/Keys/{keyId}` */
export const revokeApiKeyRoute = defineRoute({
  method: "delete",
  path: `${path}/:keyId`,
  operationId: "revokeApiKey",
  tag,
  summary: "Revoke an API key for good",
  description: "Within two seconds no API process takes it.",
  access: "account-or-operator",
  params: keyParams,
  answers: [{ status: 204, description: "Revoked" }],
  handle:
    ({ db, log, forgetCallers }) =>
    async ({ params: { accountId, keyId }, http }, caller) => {
      await audited({ db, log }, http, caller, async (tx, note) => {
        const { id } = await requireAccount(tx, caller, accountId);
        const outcome = await revokeApiKey(tx, id, apiKeyUuid(keyId));
        if (!outcome) throw notFound("API key", keyId);
        if (outcome === "revoked") await note({ action: "api-key.revoked", accountId: id, target: keyId });
      });
      forgetCallers();
      return { status: 204 };
    },
});

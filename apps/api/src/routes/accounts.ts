import { createAccount, listAccounts, rotateToken, updateAccount } from "@fanfare/db";
import {
  accountSchema,
  accountStatusSchema,
  accountUuid,
  accountWithTokenSchema,
  displayNameSchema,
  formatAccountId,
} from "@fanfare/domain";
import { z } from "zod";
import { audited } from "../audit.js";
import { changeOf } from "../change-of.js";
import { timeSchema } from "../filters.js";
import { accountParam, requireAccount } from "../find-account.js";
import { notFound } from "../find-resource.js";
import { cutPage, pageQuery, paginationSchema } from "../paging.js";
import { toAccountResource } from "../resources/account.js";
import { defineRoute } from "../route.js";
import { hashSecret, mintSecret, PREVIOUS_TOKEN_SECONDS } from "../secrets.js";

const path = "/v1/Accounts";
const tag = "Accounts";
const params = z.object(accountParam);
const account = accountSchema.meta({ id: "Account" });
const accountWithToken = accountWithTokenSchema.meta({ id: "AccountWithToken" });

/** `POST /v1/Accounts` */
export const createAccountRoute = defineRoute({
  method: "post",
  path,
  operationId: "createAccount",
  tag,
  summary: "Make an account",
  description: "The auth token is shown this once.",
  access: "operator",
  body: z.strictObject({ name: displayNameSchema }),
  example: { name: "Airline" },
  answers: [{ status: 201, description: "Made", schema: accountWithToken }],
  handle:
    ({ db, log }) =>
    async ({ body: { name }, http }, operator) => {
      const authToken = mintSecret();
      const created = await audited({ db, log }, http, operator, async (tx, note) => {
        const made = await createAccount(tx, name, hashSecret(authToken));
        await note({ action: "account.created", accountId: made.id, target: formatAccountId(made.id) });
        return made;
      });
      return { status: 201, body: { ...toAccountResource(created), authToken } };
    },
});

/** `GET /v1/Accounts` */
export const listAllAccounts = defineRoute({
  method: "get",
  path,
  operationId: "listAccounts",
  tag,
  summary: "List accounts, newest first",
  description: "All of them for the operator; for an account itself alone.",
  access: "account-or-operator",
  query: z.strictObject(pageQuery(z.strictObject({ createdAt: timeSchema, id: z.guid() }))),
  answers: [
    {
      status: 200,
      description: "A page of accounts",
      schema: z.object({
        accounts: z.array(account).meta({ description: "Accounts, newest first." }),
        pagination: paginationSchema,
      }),
    },
  ],
  handle:
    ({ db, publicUrl }) =>
    async (req, caller) => {
      const { pageToken: before, pageSize } = req.query;
      const only = caller.kind === "operator" ? undefined : caller.id;
      const found = await listAccounts(db, { before, limit: pageSize + 1 }, only);
      const { entries, pagination } = cutPage(found, req, publicUrl, ({ createdAt, id }) => ({
        createdAt: createdAt.toISOString(),
        id,
      }));
      return { body: { accounts: entries.map(toAccountResource), pagination } };
    },
});

/** `GET /v1/Accounts/{accountId}` */
export const fetchAccount = defineRoute({
  method: "get",
  path: `${path}/:accountId`,
  operationId: "fetchAccount",
  tag,
  summary: "Fetch an account",
  access: "account-or-operator",
  params,
  answers: [{ status: 200, description: "The account", schema: account }],
  handle:
    ({ db }) =>
    async ({ params: { accountId } }, caller) => {
      return { body: toAccountResource(await requireAccount(db, caller, accountId)) };
    },
});

const STATUS_ACTIONS = { ACTIVE: "account.resumed", SUSPENDED: "account.suspended" } as const;

/** `PATCH /v1/Accounts/{accountId}` */
export const changeAccount = defineRoute({
  method: "patch",
  path: `${path}/:accountId`,
  operationId: "updateAccount",
  tag,
  summary: "Rename, suspend or resume an account",
  description:
    "Within two seconds no API process takes the credentials of an account that was suspended, its keys' included; what it has sent is still delivered.",
  access: "operator",
  params,
  body: changeOf({
    name: displayNameSchema.optional(),
    status: accountStatusSchema.optional(),
  }),
  example: { status: "SUSPENDED" },
  answers: [
    { status: 200, description: "The account as it is now", schema: account, example: { status: "SUSPENDED" } },
  ],
  handle:
    ({ db, log, forgetCallers }) =>
    async ({ params: { accountId }, body, http }, operator) => {
      const changed = await audited({ db, log }, http, operator, async (tx, note) => {
        const { before, after } = (await updateAccount(tx, accountUuid(accountId), body)) ?? {};
        if (!before || !after) throw notFound("account", accountId);
        const target = formatAccountId(after.id);
        if (after.name !== before.name) await note({ action: "account.updated", accountId: after.id, target });
        if (after.status !== before.status)
          await note({ action: STATUS_ACTIONS[after.status], accountId: after.id, target });
        return after;
      });
      forgetCallers();
      return { body: toAccountResource(changed) };
    },
});

/** 30 days. */
const PREVIOUS_TOKEN_SECONDS_MAX = 2_592_000;

/** `POST /v1/Accounts/{accountId}/AuthToken` */
export const rotateAuthToken = defineRoute({
  method: "post",
  path: `${path}/:accountId/AuthToken`,
  operationId: "rotateAuthToken",
  tag,
  summary: "Give an account a new auth token",
  description:
    "The new token is shown this once; the present one stays valid for `previousValidSeconds`. One before that, of a rotation not long ago, ends at once: there are two at most.",
  access: "account-or-operator",
  params,
  body: z.strictObject({
    previousValidSeconds: z
      .int()
      .min(0)
      .max(PREVIOUS_TOKEN_SECONDS_MAX)
      .default(PREVIOUS_TOKEN_SECONDS)
      .meta({
        description: "How long the present token stays valid, in seconds; 0: not at all.",
        examples: [PREVIOUS_TOKEN_SECONDS],
      }),
  }),
  example: { previousValidSeconds: PREVIOUS_TOKEN_SECONDS },
  answers: [
    {
      ...{ status: 201, description: "The account, with its new token", schema: accountWithToken },
      example: { previousAuthTokenValidUntil: "2026-04-06T06:20:00.000Z" },
    },
  ],
  handle:
    ({ db, log, forgetCallers }) =>
    async ({ params: { accountId }, body, http }, caller) => {
      const authToken = mintSecret();
      const rotated = await audited({ db, log }, http, caller, async (tx, note) => {
        const { id } = await requireAccount(tx, caller, accountId);
        await note({ action: "account.token-rotated", accountId: id, target: formatAccountId(id) });
        return rotateToken(tx, id, hashSecret(authToken), body.previousValidSeconds);
      });
      forgetCallers();
      return { status: 201, body: { ...toAccountResource(rotated), authToken } };
    },
});

import {
  createAccount,
  type Db,
  findAccount,
  listAccounts,
  listAuditEvents,
  rotateToken,
  type StoredAccount,
  updateAccount,
} from "@fanfare/db";
import {
  ACCOUNT_ID_PATTERN,
  accountSchema,
  accountStatusSchema,
  accountUuid,
  accountWithTokenSchema,
  auditEventSchema,
  displayNameSchema,
} from "@fanfare/domain";
import { z } from "zod";
import { auditAccount } from "../audit.js";
import type { Caller } from "../caller.js";
import { notFound } from "../find-resource.js";
import { cutIdPage, idPage, idPageQuery, paginationSchema } from "../paging.js";
import { toAccountResource, toAuditEventResource } from "../resources/account.js";
import { defineRoute } from "../route.js";
import { hashSecret, mintSecret, PREVIOUS_TOKEN_SECONDS } from "../secrets.js";

const path = "/v1/Accounts";
const tag = "Accounts";
const params = z.object({ accountId: z.string().regex(ACCOUNT_ID_PATTERN) });
const account = accountSchema.meta({ id: "Account" });
const accountWithToken = accountWithTokenSchema.meta({ id: "AccountWithToken" });

/** `POST /v1/Accounts` */
export const createAccountRoute = defineRoute({
  method: "post",
  path,
  operationId: "createAccount",
  tag,
  summary: "Make an account",
  description: "For the operator. The auth token is shown this once.",
  access: "operator",
  body: z.strictObject({ name: displayNameSchema }),
  answers: [{ status: 201, description: "Made", schema: accountWithToken }],
  handle:
    ({ db, log }) =>
    async ({ body: { name }, http }, operator) => {
      const authToken = mintSecret();
      const created = await createAccount(db, name, hashSecret(authToken));
      await auditAccount({ db, log }, http, operator, { action: "account.created", accountId: created.id });
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
  description: "For the operator.",
  access: "operator",
  query: z.strictObject(idPageQuery),
  answers: [
    {
      status: 200,
      description: "A page of accounts",
      schema: z.object({ accounts: z.array(account), pagination: paginationSchema }),
    },
  ],
  handle:
    ({ db, publicUrl }) =>
    async (req) => {
      const found = await listAccounts(db, idPage(req.query));
      const { entries, pagination } = cutIdPage(found, req, publicUrl);
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
  description: "For the operator, and for the account itself.",
  access: "account-or-operator",
  params,
  answers: [{ status: 200, description: "The account", schema: account }],
  handle:
    ({ db }) =>
    async ({ params: { accountId } }, caller) => {
      return { body: toAccountResource(await requireAccount(db, caller, accountId)) };
    },
});

/** `PATCH /v1/Accounts/{accountId}` */
export const changeAccount = defineRoute({
  method: "patch",
  path: `${path}/:accountId`,
  operationId: "updateAccount",
  tag,
  summary: "Rename, suspend or resume an account",
  description: "For the operator. A suspended account can not authenticate; what it has sent is still delivered.",
  access: "operator",
  params,
  body: z
    .strictObject({ name: displayNameSchema.optional(), status: accountStatusSchema.optional() })
    .refine((change) => Object.keys(change).length > 0, "must have at least one field"),
  answers: [{ status: 200, description: "The account as it is now", schema: account }],
  handle:
    ({ db, log, forgetCallers }) =>
    async ({ params: { accountId }, body, http }, operator) => {
      const changed = await updateAccount(db, accountUuid(accountId), body);
      if (!changed) throw notFound("account", accountId);
      forgetCallers();
      await auditAccount({ db, log }, http, operator, { action: "account.updated", accountId: changed.id });
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
    "For the operator, and for the account itself. The new token is shown this once; the present one stays valid for a while.",
  access: "account-or-operator",
  params,
  body: z.strictObject({
    /** How long the present token stays valid, in seconds; 0: not at all. */
    previousValidSeconds: z.int().min(0).max(PREVIOUS_TOKEN_SECONDS_MAX).default(PREVIOUS_TOKEN_SECONDS),
  }),
  answers: [{ status: 201, description: "The account, with its new token", schema: accountWithToken }],
  handle:
    ({ db, log, forgetCallers }) =>
    async ({ params: { accountId }, body, http }, caller) => {
      const { id } = await requireAccount(db, caller, accountId);
      const authToken = mintSecret();
      const previousUntil = new Date(Date.now() + body.previousValidSeconds * 1_000);
      const rotated = await rotateToken(db, id, hashSecret(authToken), previousUntil);
      forgetCallers();
      await auditAccount({ db, log }, http, caller, { action: "account.token-rotated", accountId: id });
      return { status: 201, body: { ...toAccountResource(rotated), authToken } };
    },
});

/** `GET /v1/AuditEvents` */
export const listAudit = defineRoute({
  method: "get",
  path: "/v1/AuditEvents",
  operationId: "listAuditEvents",
  tag,
  summary: "What was done to accounts, keys, apps and credentials, newest first",
  description: "The operator sees all accounts, an account itself.",
  access: "account-or-operator",
  query: z.strictObject(idPageQuery),
  answers: [
    {
      status: 200,
      description: "A page of the audit log",
      schema: z.object({
        auditEvents: z.array(auditEventSchema.meta({ id: "AuditEvent" })),
        pagination: paginationSchema,
      }),
    },
  ],
  handle:
    ({ db, publicUrl }) =>
    async (req, caller) => {
      const accountId = caller.kind === "operator" ? undefined : caller.id;
      const found = await listAuditEvents(db, accountId, idPage(req.query));
      const { entries, pagination } = cutIdPage(found, req, publicUrl);
      const auditEvents = entries.map(toAuditEventResource);
      return { body: { auditEvents, pagination } };
    },
});

async function requireAccount(db: Db, caller: Caller, accountId: string): Promise<StoredAccount> {
  const uuid = accountUuid(accountId);
  const found = caller.kind === "operator" || caller.id === uuid ? await findAccount(db, uuid) : undefined;
  if (!found) throw notFound("account", accountId);
  return found;
}

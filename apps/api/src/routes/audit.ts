import { listAuditEvents, type StoredAuditEvent } from "@fanfare/db";
import { auditActionSchema, auditEventSchema, EXAMPLE } from "@fanfare/domain";
import { z } from "zod";
import { createdFilters, textFilter } from "../filters.js";
import { accountParam, requireAccount } from "../find-account.js";
import { cutIdPage, idPage, idPageQuery, paginationSchema } from "../paging.js";
import { toAuditEventResource } from "../resources/account.js";
import { type CheckedRequest, defineRoute } from "../route.js";

const tag = "Accounts";

const query = z.strictObject({
  action: auditActionSchema.optional().meta({ description: "Only entries of this action." }),
  actor: textFilter(128, {
    description: "Only what this account or API key did, by its id, `admin`, or `environment`.",
    examples: [EXAMPLE.ids.account],
  }),
  target: textFilter(128, {
    description: "Only what was done to this, by its id or name.",
    examples: [EXAMPLE.ids.credential],
  }),
  ...createdFilters,
  ...idPageQuery,
});

type AuditRequest = CheckedRequest<unknown, z.infer<typeof query>, unknown>;

const answers = [
  {
    status: 200,
    description: "A page of the audit log",
    schema: z.object({
      auditEvents: z
        .array(auditEventSchema.meta({ id: "AuditEvent" }))
        .meta({ description: "Entries of the audit log, newest first." }),
      pagination: paginationSchema,
    }),
  },
] as const;

/** `GET /v1/Accounts/{accountId}/Audit` */
export const listAccountAudit = defineRoute({
  method: "get",
  path: "/v1/Accounts/:accountId/Audit",
  operationId: "listAccountAuditEvents",
  tag,
  summary: "List what was done to an account, its keys, apps and credentials, newest first",
  access: "account-or-operator",
  params: z.object(accountParam),
  query,
  answers,
  handle:
    ({ db, publicUrl }) =>
    async (req, caller) => {
      const { id } = await requireAccount(db, caller, req.params.accountId);
      const found = await listAuditEvents(db, { accountId: id, ...filterOf(req) }, idPage(req.query));
      return { body: toPage(found, req, publicUrl) };
    },
});

/** `GET /v1/Audit` */
export const listAudit = defineRoute({
  method: "get",
  path: "/v1/Audit",
  operationId: "listAuditEvents",
  tag,
  summary: "List what was done to all accounts and to the installation itself, newest first",
  access: "operator",
  query,
  answers,
  handle:
    ({ db, publicUrl }) =>
    async (req) => {
      return { body: toPage(await listAuditEvents(db, filterOf(req), idPage(req.query)), req, publicUrl) };
    },
});

function filterOf({ query: { pageSize: _size, pageToken: _token, ...filter } }: AuditRequest) {
  return filter;
}

function toPage(found: readonly StoredAuditEvent[], req: AuditRequest, publicUrl: string | undefined) {
  const { entries, pagination } = cutIdPage(found, req, publicUrl);
  return { auditEvents: entries.map(toAuditEventResource), pagination };
}

import { type Db, findNotifications, listOperations } from "@fanfare/db";
import { mintOperationId } from "@fanfare/domain";
import { byAddressQuery } from "../src/find-notifications.js";
import type { Prisma } from "../src/generated/prisma/client.js";
import { invalidTokensQuery } from "../src/invalid-tokens.js";
import { operationErrorsQuery } from "../src/list-operation-errors.js";
import { type OperationFilter, operationIdsQuery } from "../src/list-operations.js";
import { accountId, useDatabase } from "./support.js";

const used = useDatabase();
const foreigner = "00000000-0000-0000-0000-0000000000ff";

/** Rows of other operations in the tables: half of them of another account. */
const OTHERS = 100_000;

beforeAll(async () => {
  await fill(used.db, OTHERS);
});

/** Finished operations of one FCM recipient each, one in a thousand of them different in some way. */
async function fill(db: Db, count: number): Promise<void> {
  await db.$executeRaw`
    insert into operations (
      id, account_id, status, message, tags, expires_at, total, recipients, sent, failed, undelivered, attempts,
      completed_at, may_use_fcm, may_use_apn
    )
    select (lpad(to_hex(1790000000000 + i), 12, '0') || lpad(to_hex(i), 14, '0') || '000000')::uuid,
      case when i % 2 = 0 then ${accountId}::uuid else ${foreigner}::uuid end, 'COMPLETED',
      '{"content":{"title":"x"},"priority":"HIGH","sound":null,"ttl":60}',
      jsonb_build_object('campaign', case when i % 1000 = 500 then 'rare' else 'common' end), now(), 1, 1,
      case when i % 1000 in (0, 1, 2) then 0 else 1 end, case when i % 1000 in (0, 1) then 1 else 0 end,
      case when i % 1000 = 2 then 1 else 0 end, 1, now(), i % 1000 <> 4, i % 1000 = 4
    from generate_series(1, ${count}) i`;
  await db.$executeRaw`
    insert into operation_tags select account_id, 'campaign=' || (tags ->> 'campaign'), id from operations`;
  await db.$executeRaw`
    insert into notifications (operation_id, ordinal, provider, status, attempts, updated_at, token, error_code, user_id)
    select id, 1, case when may_use_fcm then 'FCM' else 'APN' end::provider,
      case when failed = 1 then 'FAILED' when undelivered = 1 then 'UNDELIVERED' else 'SENT' end::notification_status, 1, now(),
      'token-' || (extract(epoch from created_at)::bigint * 0 + row_number() over ()), case when failed = 1 then 'X' end,
      case when failed = 1 then '00000000-0000-0000-0000-00000000aaaa'::uuid end
    from operations`;
  await db.$executeRaw`
    insert into attempts (operation_id, ordinal, number, may_repeat, provider, outcome, latency_ms, started_at)
    select operation_id, 1, 1, false, provider, 'ACCEPTED', 1, now() from notifications`;
  // Each statement is one that a client prepares: Prisma runs one at a time.
  for (const table of ["operations", "operation_tags", "notifications", "attempts"]) {
    await db.$executeRawUnsafe(`vacuum analyze ${table}`);
  }
}

async function planOf(query: Prisma.Sql): Promise<{ text: string; rows: number }> {
  const lines = await used.db.$queryRaw<{ "QUERY PLAN": string }[]>`explain (analyze, timing off) ${query}`;
  const text = lines.map((line) => line["QUERY PLAN"]).join("\n");
  const removed = [...text.matchAll(/Rows Removed by Filter: (\d+)/g)].reduce((sum, [, rows]) => sum + Number(rows), 0);
  const read = [...text.matchAll(/actual rows=([\d.]+)/g)].map(([, rows]) => Number(rows));
  return { text, rows: removed + Math.max(0, ...read) };
}

const page = { limit: 51 };
const time = new Date(1_790_000_050_000);

test.each<[string, OperationFilter]>([
  ["no filter", {}],
  ["status", { status: "PROCESSING" }],
  ["a rare tag", { tags: { campaign: "rare" } }],
  ["a common tag", { tags: { campaign: "common" } }],
  ["createdAfter", { createdAfter: time }],
  ["createdBefore", { createdBefore: time }],
  ["a rare provider", { provider: "APN" }],
  ["notifications that failed", { notificationStatus: "FAILED" }],
  ["notifications that are undelivered", { notificationStatus: "UNDELIVERED" }],
  ["notifications that were sent", { notificationStatus: "SENT" }],
  ["notifications that were read", { notificationStatus: "READ" }],
  ["notifications that are canceled", { notificationStatus: "CANCELED" }],
  ["notifications that are queued", { notificationStatus: "QUEUED" }],
])("operations by %s: an index, and no more rows than a few pages hold", async (what, filter) => {
  const { text, rows } = await planOf(operationIdsQuery(accountId, filter, page));
  expect(text).not.toContain("Seq Scan");
  // The hundred that have the rare tag may as well be read at once and sorted.
  if (what !== "a rare tag") expect(text).not.toContain("Sort");
  expect(rows).toBeLessThanOrEqual(220);
});

test.each([
  ["token", byAddressQuery(accountId, { token: "token-77" }, page)],
  ["user", byAddressQuery(accountId, { userId: "00000000-0000-0000-0000-00000000aaaa" }, page)],
  ["the feed of invalid tokens", invalidTokensQuery(accountId, page)],
  ["the errors of an operation", operationErrorsQuery(mintOperationId())],
])("notifications by %s: an index, and few rows", async (_what, query) => {
  const { text, rows } = await planOf(query);
  expect(text).not.toContain("Seq Scan on operations");
  expect(text).not.toContain("Seq Scan on notifications");
  expect(rows).toBeLessThanOrEqual(220);
});

test("what the plans find is what the filters ask for, page after page, newest first", async () => {
  const failed = await listOperations(used.db, accountId, { notificationStatus: "FAILED" }, { limit: 1_000 });
  expect(failed).toHaveLength(OTHERS / 1_000);
  expect(failed.every(({ stats }) => stats.failed === 1)).toBe(true);
  const found: string[] = [];
  for (let after: { operationId: string; ordinal: number } | undefined; ; ) {
    const next = await findNotifications(used.db, accountId, { status: "FAILED" }, { after, limit: 30 });
    found.push(...next.found.map(({ operation }) => operation.id));
    if (!next.next) break;
    after = next.next;
  }
  expect(found).toEqual(failed.map(({ id }) => id));
  const rare = await listOperations(used.db, accountId, { tags: { campaign: "rare" } }, { limit: 1_000 });
  expect(rare).toHaveLength(OTHERS / 1_000);
  const { found: apn } = await findNotifications(used.db, accountId, { provider: "APN" }, { limit: 500 });
  expect(apn).toHaveLength(OTHERS / 1_000);
});

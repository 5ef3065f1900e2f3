import {
  connectDb,
  type Db,
  findNotifications,
  listAccounts,
  listApiKeys,
  listApps,
  listAttempts,
  listAuditEvents,
  listCredentials,
  listDeviceRegistrations,
  listInvalidTokens,
  listOperationErrors,
  listOperations,
  listUsers,
} from "@fanfare/db";
import { mintOperationId } from "@fanfare/domain";
import { accountId, useDatabase } from "./support.js";

// What each list reads, from whatever table and by whatever plan: counted by the server itself.

const used = useDatabase();
let db: Db;

/** Rows of others in each table. Most are another account's; of the account's own, most are of another app or user. */
const OTHERS = 100_000;

const uuid = (number: number) => `00000000-0000-0000-0000-${number.toString(16).padStart(12, "0")}`;
const [foreigner, app, otherApp, credential, user, otherUser] = [1, 2, 3, 4, 5, 6].map((n) => uuid(0xff00 + n)) as [
  ...string[],
] as [string, string, string, string, string, string];
const operationId = mintOperationId();
const token = "the-one-that-is-looked-for";

beforeAll(async () => {
  // One connection: what it has read can then be asked for at any time.
  db = connectDb(used.url, { poolSize: 1 });
  await fill();
});
afterAll(() => db?.$disconnect());

async function fill(): Promise<void> {
  await db.$executeRaw`
    insert into accounts (id, name, token_hash) select i, 'x', '' from unnest(array[${accountId}, ${foreigner}]::uuid[]) i`;
  await db.$executeRaw`
    insert into apps (id, account_id, name, is_default)
    values (${app}::uuid, ${accountId}::uuid, 'app', true), (${otherApp}::uuid, ${accountId}::uuid, 'other', false)`;
  await db.$executeRaw`
    insert into credentials (id, account_id, app_id, type, is_default, sealed)
    values (${credential}::uuid, ${accountId}::uuid, ${app}::uuid, 'FCM', true, '{}')`;
  await db.$executeRaw`insert into users (id, account_id) values (${user}::uuid, ${accountId}::uuid)`;
  await db.$executeRaw`insert into users (id, account_id) values (${otherUser}::uuid, ${accountId}::uuid)`;
  // What a filter asks for is 2,499 rows of the older half: a scan by age goes through the others, a sort through all of them.
  const rows = `select md5(i::text)::uuid as key, lpad(to_hex(i), 32, '0')::uuid as id, i,
      i % 20 = 0 and i < 50000 as own, i % 2 = 0 as mine from generate_series(1, ${OTHERS}) i`;
  const owner = `case when own or mine then '${accountId}' else '${foreigner}' end::uuid`;
  for (const statement of [
    `insert into users (id, account_id) select id, ${owner} from (${rows}) r on conflict do nothing`,
    `insert into device_registrations (id, account_id, app_id, user_id, provider, token_key, token)
      select id, ${owner}, case when own then '${app}' else '${otherApp}' end::uuid,
        case when own and i % 1000 = 0 then '${user}' else '${otherUser}' end::uuid, 'FCM', key, 't' || i from (${rows}) r`,
    `insert into invalid_tokens (id, account_id, app_id, credential_id, credential_version, provider, token_key, token,
        code, final, invalidated_at, recorded_at)
      select id, ${owner}, '${app}', '${credential}', 1, 'FCM', key, 't' || i, 'UNREGISTERED', true, now(),
        now() - make_interval(secs => ${OTHERS} - i) from (${rows}) r`,
    `insert into audit_events (id, account_id, actor, action, target)
      select id, ${owner}, case when own then 'some' else 'admin' end,
        case when own then 'app.updated' else 'credential.updated' end, case when own then 'some' else 'x' end from (${rows}) r`,
    `insert into api_keys (id, account_id, name, scopes, secret_hash)
      select id, ${owner}, 'x', '{read}', '' from (${rows}) r`,
    `insert into operations (id, account_id, status, message, tags, expires_at, total, recipients, sent, completed_at)
      select (lpad(to_hex(1790000000000 + i), 12, '0') || lpad(to_hex(i), 14, '0') || '000000')::uuid, ${owner},
        'COMPLETED', '{"content":{"title":"x"}}', '{"campaign":"common"}', now(), 1, 1, 1, now() from (${rows}) r`,
    `insert into operation_tags select account_id, 'campaign=common', id from operations`,
    `insert into notifications (operation_id, ordinal, provider, status, attempts, updated_at, token, user_id)
      select id, 1, 'FCM', 'SENT', 1, now(),
        case when row_number() over (order by id) % 1000 = 0 then '${token}' else 't' || id end, null from operations`,
    `insert into attempts (operation_id, ordinal, number, may_repeat, provider, outcome, latency_ms, started_at)
      select operation_id, 1, 1, false, provider, 'ACCEPTED', 1, now() from notifications`,
    `insert into operations (id, account_id, status, message, tags, expires_at, total, recipients, failed, completed_at)
      values ('${operationId}', '${accountId}', 'COMPLETED', '{"content":{"title":"x"}}', '{}', now(), 5000, 5000, 5000, now())`,
    `insert into notifications (operation_id, ordinal, provider, status, attempts, updated_at, token, error_code)
      select '${operationId}', i, 'FCM', 'FAILED', 1, now(), 'e' || i, 'X' from generate_series(1, 5000) i`,
    `insert into attempts (operation_id, ordinal, number, may_repeat, provider, outcome, latency_ms, started_at)
      select '${operationId}', i, 1, false, 'FCM', 'REJECTED', 1, now() from generate_series(1, 5000) i`,
  ]) {
    await db.$executeRawUnsafe(statement);
  }
  for (const table of ["users", "device_registrations", "invalid_tokens", "audit_events", "api_keys", "operations"])
    await db.$executeRawUnsafe(`vacuum analyze ${table}`);
  for (const table of ["operation_tags", "notifications", "attempts"])
    await db.$executeRawUnsafe(`vacuum analyze ${table}`);
}

/** Rows that the server has read from all tables on this connection's behalf, in a list and all that it joins. */
async function rowsRead(): Promise<number> {
  await db.$queryRaw`select pg_stat_force_next_flush()::text`;
  const [row] = await db.$queryRaw<{ rows: bigint }[]>`
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) as rows from pg_stat_user_tables`;
  return Number(row?.rows);
}

const limit = 51;
const halfway = new Date(1_790_000_050_000);
const half = uuid(50_000);

const LISTS: [string, () => Promise<{ length: number }>][] = [
  ["accounts", () => listAccounts(db, { limit })],
  ["accounts after a page", () => listAccounts(db, { limit, before: { createdAt: new Date(), id: half } })],
  ["API keys", () => listApiKeys(db, accountId, { limit })],
  ["audit events of an account", () => listAuditEvents(db, { accountId }, { limit })],
  ["audit events of all", () => listAuditEvents(db, {}, { limit, before: half })],
  ...[{ accountId }, {}].flatMap((of) =>
    [{ actor: "some" }, { action: "app.updated" } as const, { target: "some" }].map(
      (filter): [string, () => Promise<{ length: number }>] => [
        `audit events by ${JSON.stringify({ ...of, ...filter })}`,
        () => listAuditEvents(db, { ...of, ...filter }, { limit }),
      ],
    ),
  ),
  ["audit events of a time", () => listAuditEvents(db, { accountId, createdBefore: halfway }, { limit })],
  ["apps", () => listApps(db, accountId, { limit })],
  ["credentials", () => listCredentials(db, accountId, { limit })],
  ["users", () => listUsers(db, accountId, { limit, before: half })],
  ["device registrations", () => listDeviceRegistrations(db, accountId, {}, { limit })],
  ["device registrations of an app", () => listDeviceRegistrations(db, accountId, { appName: "app" }, { limit })],
  ["device registrations of a user", () => listDeviceRegistrations(db, accountId, { userId: user }, { limit })],
  [
    "device registrations of a user in an app",
    () => listDeviceRegistrations(db, accountId, { userId: user, appName: "app" }, { limit }),
  ],
  ["invalid tokens", () => listInvalidTokens(db, accountId, { limit })],
  [
    "invalid tokens since",
    () => listInvalidTokens(db, accountId, { limit, since: new Date(Date.now() - 50_000 * 1_000) }),
  ],
  ["operations with a tag, older than a time", () => listOperations(db, accountId, tagged, { limit })],
  [
    "notifications with a tag, older than a time",
    async () => (await findNotifications(db, accountId, tagged, { limit })).found,
  ],
  [
    "notifications of a token, older than a time",
    async () => (await findNotifications(db, accountId, { token, createdBefore: halfway }, { limit })).found,
  ],
  ["attempts of an operation, from its middle", () => listAttempts(db, operationId, { limit, after: middle })],
  ["the attempts of a notification", () => listAttempts(db, operationId, { limit, ordinal: 4_321 })],
];
const tagged = { tags: { campaign: "common" }, createdBefore: halfway };
const middle = { ordinal: 2_500, number: 1 };

test.each(LISTS)("a page of %s reads a few pages' worth of rows, of 100,000 others", async (_what, list) => {
  const before = await rowsRead();
  const { length } = await list();
  // The page, what is joined to it (its app, its operation, its devices), and the look at the counters.
  expect((await rowsRead()) - before).toBeLessThanOrEqual(8 * limit);
  expect(length).toBeGreaterThan(0);
});

test("the errors of an operation read that operation's rows alone", async () => {
  const before = await rowsRead();
  expect(await listOperationErrors(db, operationId)).toMatchObject([{ code: "X", count: 5_000 }]);
  expect((await rowsRead()) - before).toBeLessThanOrEqual(5_200);
});

test("the look at the counters itself sees a table that is read whole", async () => {
  const before = await rowsRead();
  await db.$queryRaw`select count(*)::int from users where created_at < now()`;
  expect((await rowsRead()) - before).toBeGreaterThanOrEqual(OTHERS);
});

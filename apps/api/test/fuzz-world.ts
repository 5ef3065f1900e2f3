import type { Db } from "@fanfare/db";
import { addCredentials, aSend, ofAccount, type RunningApi, runApi } from "./support.js";

/** Nobody but the other account has it, and no request names it. */
export const FOREIGN_TOKEN = "a-token-of-another-account";

/** An operation of the OpenAPI document. */
export interface Operation {
  method: string;
  path: string;
  query: { name: string; schema: object }[];
  body: object | undefined;
}

/** What generated requests meet: an API with two accounts, each of which has one of everything. */
export interface FuzzWorld {
  api: RunningApi;
  operations: Operation[];
  /** The document's schemas, by name. */
  components: Record<string, object>;
  foreignIds: string[];
  ownIds: string[];
  /** The account's own that may be deleted. */
  spareIds: string[];
  /** What a text is when a request is to be good, by the name of its field. */
  goodTexts: Record<string, string>;
  /** Changes with whatever is stored, changed or removed. */
  fingerprint: () => Promise<string>;
}

/** Makes the world. Whoever makes it closes its API. */
export async function createFuzzWorld(): Promise<FuzzWorld> {
  const api = await runApi({ LOGIN_FAILURES_PER_MINUTE: "100000" });
  const own = await fillOwn(api);
  const foreignIds = await fillForeign(api);
  const { body: document } = await api.call("GET", "/openapi.json");
  return {
    ...{ api, ...own, foreignIds, operations: readOperations(document), components: document.components.schemas },
    fingerprint: await createFingerprint(api.db),
  };
}

async function fillOwn(api: RunningApi) {
  const register = async (appName: string) => {
    const body = { appName, devices: [{ provider: "FCM", token: "mine" }] };
    return (await api.call("POST", "/v1/PushNotifications/DeviceRegistrations", { body })).body;
  };
  const mine = await addCredentials(api);
  const { userId, deviceRegistrations } = await register("airline");
  const spare = await addCredentials(api, undefined, "spare");
  const leaving = await register("spare");
  const { body: spareKey } = await api.call("POST", ofAccount(api.account, "/Keys"), {
    body: { name: "spare", scopes: ["read"] },
  });
  const sent = await api.call("POST", "/v1/PushNotifications", { body: aSend() });
  const { operationId } = sent.body;
  const list = await api.call("GET", `/v1/PushNotifications?operationId=${operationId}`);
  const registrationId = deviceRegistrations[0].id;
  return {
    ownIds: [operationId, "airline", userId, registrationId, mine.fcm],
    spareIds: [spare.fcm, spare.apn, leaving.userId, leaving.deviceRegistrations[0].id, spareKey.id],
    goodTexts: {
      ...{ userId, operationId, registrationId, fcm: mine.fcm, apn: mine.apn, credentialId: mine.fcm },
      ...{ notificationId: list.body.notifications[0].id, images: "https://example.com/i.png", sendAt: inAnHour() },
      ...{ createdAfter: "2026-01-01T00:00:00Z", createdBefore: "2999-01-01T00:00:00Z", since: "2026-01-01T00:00:00Z" },
    },
  };
}

async function fillForeign(api: RunningApi): Promise<string[]> {
  const other = await api.newAccount();
  const theirs = await addCredentials(api, other, "theirs");
  const to = [{ provider: "FCM", token: FOREIGN_TOKEN }];
  const post = async (path: string, body: object) => (await api.call("POST", path, { as: other, body })).body;
  const sent = await post("/v1/PushNotifications", aSend({ to }));
  const registered = await post("/v1/PushNotifications/DeviceRegistrations", { appName: "theirs", devices: to });
  const key = await post(ofAccount(other, "/Keys"), { name: "k", scopes: ["read"] });
  const list = await api.call("GET", "/v1/PushNotifications", { as: other });
  return [
    ...[sent.operationId, theirs.fcm, theirs.apn, other.user, "theirs", key.id, registered.userId],
    ...[registered.deviceRegistrations[0].id, list.body.notifications[0].id],
  ];
}

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document is looked into as it is
type Loose = any;

function readOperations(document: Loose): Operation[] {
  return Object.entries<Record<string, Loose>>(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      query: (operation.parameters ?? []).filter((parameter: { in: string }) => parameter.in === "query"),
      body: operation.requestBody?.content?.["application/json"]?.schema,
    })),
  );
}

/**
 * What all tables hold, in one text: two that are equal mean that nothing was stored, changed or removed. Readiness is a write, and
 * not counted.
 */
async function createFingerprint(db: Db): Promise<() => Promise<string>> {
  const tables = await db.$queryRaw<{ name: string }[]>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname = 'public' and tablename not like 'bullmq%' and tablename <> 'readiness_writes'`;
  expect(tables.length).toBeGreaterThan(12);
  const rows = tables.map(({ name }) => `select '${name}' || (t.*)::text as row from ${name} t`).join(" union all ");
  // A function, since it is planned once: that takes longer than to run it.
  await db.$executeRawUnsafe(`create function fingerprint() returns text stable language plpgsql as $$ begin
    return (select md5(string_agg(md5(row), '' order by row)) from (${rows}) r); end $$`);
  let known = { snapshot: "", hash: "" };
  return async () => {
    // Between two equal snapshots no transaction of the whole cluster wrote: there is nothing to read anew.
    const [now] = await db.$queryRaw<(typeof known)[]>`
      with s as materialized (select pg_current_snapshot()::text as snapshot)
      select snapshot, case when snapshot = ${known.snapshot} then ${known.hash} else fingerprint() end as hash from s`;
    if (now) known = now;
    return known.hash;
  };
}

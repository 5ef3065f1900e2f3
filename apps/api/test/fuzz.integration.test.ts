import { patient } from "@fanfare/testkit";
import fc from "fast-check";
import { addCredentials, aSend, basic, type RunningApi, runApi } from "./support.js";

/** Requests in all; more of them with FANFARE_FUZZ_RUNS. */
const RUNS = Number(process.env.FANFARE_FUZZ_RUNS ?? 1_500);

/** What they are drawn from: the same seed makes the same requests. */
const SEED = Number(process.env.FANFARE_SEED ?? 20_261_124);

/** Node answers a head of more than 16 KiB by itself, with a 431. */
const PATH_TEXT_MAX = 500;

let api: RunningApi;
let operations: Operation[];
let foreignIds: string[];
let ownIds: string[];
/** The account's own that may be deleted. */
let spareIds: string[];
let components: Record<string, object>;
let fingerprint: () => Promise<string>;

/** Nobody but the other account has it, and no request names it. */
const FOREIGN_TOKEN = "a-token-of-another-account";

interface Operation {
  method: string;
  path: string;
  query: { name: string; schema: object }[];
  body: object | undefined;
}

beforeAll(async () => {
  api = await runApi({ LOGIN_FAILURES_PER_MINUTE: "100000" });
  const mine = await addCredentials(api);
  const devices = [{ provider: "FCM", token: "mine" }];
  const registered = await api.call("POST", "/v1/PushNotifications/DeviceRegistrations", {
    body: { appName: "airline", devices },
  });
  const { userId, deviceRegistrations } = registered.body;
  const spare = await addCredentials(api, undefined, "spare");
  const { body: leaving } = await api.call("POST", "/v1/PushNotifications/DeviceRegistrations", {
    body: { appName: "spare", devices },
  });
  const { body: spareKey } = await api.call("POST", "/v1/ApiKeys", { body: { name: "spare", scopes: ["read"] } });
  spareIds = [spare.fcm, spare.apn, leaving.userId, leaving.deviceRegistrations[0].id, spareKey.id];
  const other = await api.newAccount();
  const theirs = await addCredentials(api, other, "theirs");
  const to = [{ provider: "FCM", token: FOREIGN_TOKEN }];
  const { body: sent } = await api.call("POST", "/v1/PushNotifications", { as: other, body: aSend({ to }) });
  const theirDevices = await api.call("POST", "/v1/PushNotifications/DeviceRegistrations", {
    ...{ as: other, body: { appName: "theirs", devices: to } },
  });
  const { body: theirKey } = await api.call("POST", "/v1/ApiKeys", {
    as: other,
    body: { name: "k", scopes: ["read"] },
  });
  const theirList = await api.call("GET", "/v1/PushNotifications", { as: other });
  const own = await api.call("POST", "/v1/PushNotifications", { body: aSend() });
  ownIds = [own.body.operationId, "airline", userId, deviceRegistrations[0].id, mine.fcm];
  const list = await api.call("GET", `/v1/PushNotifications?operationId=${own.body.operationId}`);
  goodTexts = {
    ...{ userId, fcm: mine.fcm, apn: mine.apn, images: "https://example.com/i.png", sendAt: inAnHour() },
    ...{ operationId: own.body.operationId, notificationId: list.body.notifications[0].id },
    ...{ registrationId: deviceRegistrations[0].id, credentialId: mine.fcm, createdAfter: "2026-01-01T00:00:00Z" },
    ...{ createdBefore: "2999-01-01T00:00:00Z", since: "2026-01-01T00:00:00Z" },
  };
  foreignIds = [
    ...[sent.operationId, theirs.fcm, theirs.apn, other.user, "theirs", theirKey.id, theirDevices.body.userId],
    ...[theirDevices.body.deviceRegistrations[0].id, theirList.body.notifications[0].id],
  ];
  fingerprint = await createFingerprint();
  operations = readOperations((await api.call("GET", "/openapi.json")).body);
});
afterAll(() => api.close());

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document is looked into as it is
type Loose = any;

function readOperations(document: Loose): Operation[] {
  components = document.components.schemas;
  return Object.entries<Record<string, Loose>>(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      query: (operation.parameters ?? []).filter((parameter: { in: string }) => parameter.in === "query"),
      body: operation.requestBody?.content?.["application/json"]?.schema,
    })),
  );
}

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

const UUID = "01a20fdc-ef66-1ec2-c5ce-59c50d691f03";

/** Texts that break what is not careful. */
const nastyText = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "",
    " ",
    "\u0000",
    "\ud800",
    "🏳️‍🌈".repeat(20),
    "__proto__",
    "constructor",
    "NaN",
    "null",
    "-0",
    "1e999",
  ),
  fc.constantFrom(
    "'; drop table operations; --",
    "{{ 'a' | append: 'b' }}",
    "{% for i in (1..9) %}",
    "{{",
    "%00",
    "../../etc/passwd",
  ),
  fc.constantFrom("comms_operation_01h2xcejqtf2nbrexx00000000", "9999-99-99T99:99:99Z", "2026-11-24T00:00:00+99:99"),
  fc.constantFrom(
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59-23:59",
    "1969-12-31T23:59:59.999Z",
    "2026-02-29T00:00:00Z",
  ),
  // Page tokens of every list, with what no list made.
  fc
    .constantFrom("before", "recordedAt", "operationId", "ordinal", "id")
    .map((key) =>
      Buffer.from(JSON.stringify({ [key]: "0000-01-01T00:00:00Z", id: UUID, ordinal: 1 })).toString("base64url"),
    ),
  fc.constant(Buffer.from(JSON.stringify({ recordedAt: "0000-01-01T00:00:00Z", id: UUID })).toString("base64url")),
  fc.integer({ min: 1_000, max: 20_000 }).map((length) => "x".repeat(length)),
);
const nastyNumber = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, -1, 2 ** 31, 2 ** 53, -(2 ** 53), 1e308));
const nastyValue = fc.oneof(
  { depthSize: "small" },
  nastyText,
  nastyNumber,
  fc.boolean(),
  fc.constant(null),
  fc.jsonValue({ maxDepth: 4 }),
  fc.array(nastyText, { maxLength: 5 }),
  fc.integer({ min: 50, max: 3_000 }).map((depth) => JSON.parse("[".repeat(depth) + "]".repeat(depth))),
);

/** What a text is when a request is to be good, by the name of its field. */
let goodTexts: Record<string, string>;

/** How requests are made: `careful` ones fit the document and mostly succeed; of `wild` ones a part is anything. */
type Mode = "careful" | "wild";

/** Makes values of a schema; `name` is the field's. */
function valuesOf(mode: Mode) {
  function anyValue(schema: Loose, name: string, depth = 0): fc.Arbitrary<unknown> {
    const fitting = fittingValue(schema, name, depth);
    return mode === "careful"
      ? fitting
      : fc.oneof({ weight: 15, arbitrary: fitting }, { weight: 1, arbitrary: nastyValue });
  }

  function fittingValue(schema: Loose, name: string, depth: number): fc.Arbitrary<unknown> {
    if (depth > 6) return nastyValue;
    if (schema.$ref) return fittingValue(components[schema.$ref.split("/").at(-1)] as Loose, name, depth + 1);
    const branches = schema.anyOf ?? schema.oneOf;
    if (branches) return fc.oneof(...branches.map((branch: object) => fittingValue(branch, name, depth + 1)));
    if ("const" in schema) return fc.constant(schema.const);
    if (schema.enum) return fc.constantFrom(...schema.enum);
    switch (schema.type) {
      case "object":
        return objectOf(schema, depth);
      case "array":
        return fc.array(anyValue(schema.items ?? {}, name, depth + 1), {
          minLength: schema.minItems ?? 0,
          maxLength: 4,
        });
      case "integer":
        return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 1_000, 2 ** 31) });
      case "number":
        return fc.double();
      case "boolean":
        return fc.boolean();
      case "null":
        return fc.constant(null);
      case "string":
        return textOf(name);
      default:
        return mode === "careful" ? fc.jsonValue({ maxDepth: 3 }) : nastyValue;
    }
  }

  function objectOf(schema: Loose, depth: number): fc.Arbitrary<unknown> {
    const properties = Object.fromEntries(
      Object.entries<object>(schema.properties ?? {}).map(([key, nested]) => [key, anyValue(nested, key, depth + 1)]),
    );
    const known = fc.record(properties, { requiredKeys: schema.required ?? [] });
    if (typeof schema.additionalProperties !== "object") return known;
    const keys = mode === "careful" ? fc.stringMatching(/^[a-z]{2,8}$/) : nastyText;
    const others = fc.dictionary(keys, anyValue(schema.additionalProperties, "", depth + 1), { maxKeys: 4 });
    return fc.tuple(known, others).map(([named, more]) => ({ ...more, ...named }));
  }

  function textOf(name: string): fc.Arbitrary<string> {
    const good = fc.constant(goodTexts[name] ?? "airline");
    return mode === "careful" ? good : fc.oneof(good, nastyText, fc.string({ unit: "grapheme-ascii", maxLength: 20 }));
  }
  return anyValue;
}

function requestOf(operation: Operation, mode: Mode) {
  const anyValue = valuesOf(mode);
  const own = fc.constantFrom(...(operation.method === "DELETE" ? spareIds : ownIds));
  const anyId = fc.oneof(nastyText, own, fc.constantFrom(...foreignIds, "01h2xcejqtf2nbrexx00000000"));
  // What is deleted by its right id is not there for the others.
  const hitsItsOwn = mode === "careful" && operation.method !== "DELETE";
  const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
  const parameters = fc.tuple(
    ...names.map((name) =>
      hitsItsOwn && goodTexts[name] ? fc.constant(goodTexts[name]) : mode === "careful" ? own : anyId,
    ),
  );
  const query = fc.record(
    Object.fromEntries(operation.query.map(({ name, schema }) => [name, anyValue(schema, name)])),
    { requiredKeys: [] },
  );
  const body = operation.body ? anyValue(operation.body, "") : fc.constant(undefined);
  const garbage = fc.oneof(nastyText, fc.constant('{"a":'), fc.constant("[1,]"));
  const wild = <Value>(arbitrary: fc.Arbitrary<Value>, freq: number) =>
    mode === "careful" ? fc.constant(undefined) : fc.option(arbitrary, { nil: undefined, freq });
  return fc.record({
    ...{ operation: fc.constant(operation), parameters, query, body },
    ...{ raw: wild(garbage, 20), headers: wild(headers, 8), isHead: wild(fc.constant(true), 20) },
    // What is no UTF-8 once it is decoded.
    undecoded: wild(fc.constantFrom("%zz", "%", "%ff", "%c0%80", "%00", "..%2f..", "%ed%a0%80"), 20),
  });
}

/** Headers that routes read, with what a client can send in one. */
const headerText = fc.oneof(
  fc.constantFrom("", "x".repeat(300), "application/json; charset=utf-16", "text/plain", "gzip", "identity", "-1"),
  fc.constantFrom("bytes=0-", "*/*;q=2", "\u00ff", "[", "a b", "Basic", "1-COMPLETED-0"),
  fc.string({ unit: "grapheme-ascii", maxLength: 40 }).map((text) => text.trim()),
);
const headers = fc.record(
  Object.fromEntries(
    ["idempotency-key", "last-event-id", "content-type", "content-encoding", "accept", "range", "if-none-match"].map(
      (name) => [name, headerText],
    ),
  ),
  { requiredKeys: [] },
);

/** What all tables hold, in one text: two that are equal mean that nothing was stored, changed or removed. */
async function createFingerprint(): Promise<() => Promise<string>> {
  const tables = await api.db.$queryRaw<{ name: string }[]>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname = 'public' and tablename not like 'bullmq%'`;
  expect(tables.length).toBeGreaterThan(12);
  const rows = tables.map(({ name }) => `select '${name}' || t::text as row from ${name} t`).join(" union all ");
  // A function, since it is planned once: that takes longer than to run it.
  await api.db.$executeRawUnsafe(`create function fingerprint() returns text language plpgsql as $$ begin
    return (select md5(string_agg(md5(row), '' order by row)) from (${rows}) r); end $$`);
  return async () => {
    const [all] = await api.db.$queryRaw<{ hash: string }[]>`select fingerprint() as hash`;
    return all?.hash ?? "";
  };
}

test(
  "whatever is asked of any route: no 5xx, no hang, nothing stored on an error, nothing of another account",
  async () => {
    const seen: Record<number, number> = {};
    const routes = new Set<string>();
    /** The fingerprint that the last request left; undefined: it was to change something. */
    let unchanged: string | undefined;
    const requests = operations.flatMap((operation) =>
      (["careful", "wild"] as const).map((mode) => ({
        arbitrary: requestOf(operation, mode),
        // There is more to get wrong in a body.
        weight: operation.body ? 4 : 1,
      })),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(...requests),
        async ({ operation, parameters, query, body, raw, headers: more, isHead, undecoded }) => {
          const method = isHead && operation.method === "GET" ? "HEAD" : operation.method;
          let used = 0;
          const path = operation.path.replaceAll(
            /\{\w+\}/g,
            () =>
              undecoded ?? (encodeURIComponent(toUsvString(parameters[used++] ?? "").slice(0, PATH_TEXT_MAX)) || "x"),
          );
          // A worker would have to answer for these credentials; what it does is tested where there is one.
          if (path.endsWith("/Verify") && ownIds.some((id) => path.includes(id))) return;
          const search = new URLSearchParams(
            Object.entries(query).map(([name, value]): [string, string] => [
              name,
              toUsvString(String(value)).slice(0, PATH_TEXT_MAX),
            ]),
          );
          const before = unchanged ?? (await fingerprint());
          const res = await fetch(`${api.url}${path}?${search}`, {
            method,
            headers: {
              authorization: basic(operation.path.startsWith("/v1/Accounts") ? api.operator : api.account),
              "content-type": "application/json",
              ...more,
            },
            ...(operation.body && { body: raw ?? JSON.stringify(body) ?? "" }),
            signal: AbortSignal.timeout(patient(20_000)),
          });
          // Events of an operation that nobody works on do not end.
          const text =
            method === "GET" && res.ok && operation.path.endsWith("/Events") ? await firstEvent(res) : await res.text();
          seen[res.status] = (seen[res.status] ?? 0) + 1;
          routes.add(`${operation.method} ${operation.path}`);
          if (res.status >= 500) throw new Error(`${method} ${path}?${search} ${res.status}: ${api.log.at(-1)}`);
          // What is refused, and what only reads, leaves everything as it was.
          unchanged = res.status >= 400 || operation.method === "GET" ? await fingerprint() : undefined;
          if (unchanged !== undefined) expect(unchanged).toBe(before);
          expect(text).not.toContain(FOREIGN_TOKEN);
          if (res.status < 400 && !operation.path.startsWith("/v1/Accounts")) {
            for (const id of foreignIds) expect(text).not.toContain(id);
          }
        },
      ),
      {
        numRuns: RUNS,
        seed: SEED,
        endOnFailure: true,
        interruptAfterTimeLimit: patient(240_000),
        markInterruptAsFailure: false,
      },
    );
    expect(routes.size).toBeGreaterThan(0);
    if (RUNS >= 1_000) expect(routes.size).toBe(operations.length);
    const made = Object.values(seen).reduce((sum, count) => sum + count, 0);
    process.stdout.write(`fuzz: ${made} requests, ${routes.size} routes, answers by status ${JSON.stringify(seen)}\n`);
    expect(api.log.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
  },
  patient(300_000),
);

async function firstEvent(res: Response): Promise<string> {
  // The answer to HEAD has none.
  if (!res.body) return "";
  const reader = (res.body as ReadableStream<Uint8Array>).getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return Buffer.from(value ?? []).toString();
}

// What a URL can carry: a lone surrogate has no UTF-8.
function toUsvString(text: string): string {
  return Buffer.from(text).toString();
}

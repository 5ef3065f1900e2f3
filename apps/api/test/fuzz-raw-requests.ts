import fc from "fast-check";
import { rawBodiesOf } from "./fuzz-raw-bodies.js";
import { authorizationOf, pathsOf } from "./fuzz-requests.js";
import { rarely } from "./fuzz-texts.js";
import { valuesOf } from "./fuzz-values.js";
import type { FuzzWorld, Operation } from "./fuzz-world.js";
import type { RawRequest } from "./send-raw.js";

const METHODS = [
  "GET",
  "HEAD",
  "OPTIONS",
  "PUT",
  "PATCH",
  "POST",
  "DELETE",
  "TRACE",
  "PROPFIND",
  "QUERY",
  "get",
  "NOPE",
];

/** What is served beside the operations of the document. */
const OTHER_PATHS = [
  ...["/healthz", "/readyz", "/openapi.json", "/docs", "/docs/", "/docs/x.js", "/docs/../v1", "/admin/queues"],
  ...[
    "/admin/queues/",
    "/admin/queues/api/queues",
    "/admin/queues/static/x",
    "/",
    "/v1",
    "/v1/",
    "//",
    "/v1//Accounts",
  ],
  ...["/V1/accounts", "/v1/Accounts/", "/favicon.ico"],
];

/** Makes targets out of a path, one character per byte. */
const retarget = fc.constantFrom<((path: string) => string)[]>(
  (path) => `http://example.com${path}`,
  (path) => `http://user@[::1]:99999${path}`,
  (path) => `HTTP:${path}`,
  (path) => `//evil.example${path}`,
  (path) => `/\\evil.example${path}`,
  (path) => `/..${path}`,
  (path) => `${path}#fragment`,
  (path) => `${path}/`,
  (path) => `${path}%`,
  (path) => `${path}/%e0%a4%a`,
  (path) => `${path}/\xff\xfe`,
  (path) => `${path}/\x01`,
  (path) => `${path}/\x00`,
  (path) => `${path} x`,
  (path) => `${path}/${"y".repeat(20_000)}`,
  (path) => path.slice(1),
  (path) => path.replace("/", "/%2f"),
  () => "*",
  () => "http://",
  () => "http://[",
  () => "",
  () => "?",
);

const queries = fc.constantFrom(
  ...["dryRun=true", "limit=1&limit=2", "limit=0x10", "limit=%205", "limit=", "limit=1e1", "pageToken=%ff", "a[b]=1"],
  ...["__proto__=1", "__proto__[a]=1", "constructor=1", "%zz", "=", "&&", "limit=1;a=2", "createdAfter=\xff", "?"],
  ...["appName=airline&appName=x", "limit=1&pageToken=%00", "operationId=%ed%a0%80", "tag[]=1", "x=".repeat(2_000)],
);

const hosts = fc.constantFrom<string[][]>(
  [],
  ["a", "b"],
  ...["", "a b", "[::1", "evil.example", "evil.example/x?", "u@h", "h:99999", "h:x", "\xff", "..", "x".repeat(300)].map(
    (host) => [host],
  ),
);

/** Makes what is sent as Authorization, from what would be right. */
const authorizations = fc.constantFrom<((right: string) => string[])[]>(
  () => [],
  (right) => [`${right} junk`],
  (right) => [`${right}, Bearer x`],
  (right) => [`${right}=`],
  (right) => [`${right}\xff`],
  (right) => [right.replace("Basic", "bAsIc")],
  (right) => [right.replace(" ", "   ")],
  (right) => [right, right],
  () => ["Basic"],
  () => ["Basic Og=="],
  () => ["Basic /w=="],
  () => [`Basic ${Buffer.from("a\0b:c\0d").toString("base64")}`],
  () => [`Bearer ${"x".repeat(5_000)}`],
);

const otherHeaders = fc.constantFrom<(readonly [string, string])[]>(
  ...(["100-continue", "100-Continue", "nothing"] as const).map((value) => ["Expect", value] as const),
  ["X-Forwarded-Host", "evil.example"],
  ["X-Forwarded-Proto", "javascript"],
  ["X-Forwarded-For", "\xff, ::::"],
  ["Forwarded", "host=evil.example"],
  ["Idempotency-Key", "\xe9"],
  ["Idempotency-Key", "a, b"],
  ["Last-Event-ID", "9".repeat(400)],
  ["If-None-Match", "*"],
  ["If-Modified-Since", "x"],
  ["Range", "bytes=0-0"],
  ["Accept", "text/html"],
  ["Accept-Encoding", "br;q=x"],
  ["Upgrade", "websocket"],
  ["X-HTTP-Method-Override", "DELETE"],
  ["X-Request-Id", "\x01"],
  ["Cookie", "x".repeat(9_000)],
  ["bad name", "x"],
);

/** A request as only a socket can send it, and what it is about. */
export interface FuzzRawRequest extends RawRequest {
  path: string;
}

/** Makes requests that no client would send, to an operation's path or another one. */
export function rawRequestsTo(world: FuzzWorld, operation: Operation): fc.Arbitrary<FuzzRawRequest> {
  const body = operation.body ? valuesOf(world, "careful")(operation.body, "") : fc.jsonValue({ maxDepth: 2 });
  const methods = fc.oneof({ weight: 3, arbitrary: fc.constant(operation.method) }, fc.constantFrom(...METHODS));
  return methods.chain((method) => {
    const ids = fc.constantFrom("careful", "careful", "wild" as const);
    const own = ids.chain((mode) => pathsOf(world, { method, path: operation.path }, mode));
    const path = fc.oneof({ weight: 6, arbitrary: own }, fc.constantFrom(...OTHER_PATHS));
    const hasBody = operation.body !== undefined || method === "POST" || method === "PUT";
    const parts = fc.record({
      ...{ path, retarget: rarely(retarget, 6), query: rarely(queries, 4), host: rarely(hosts, 8) },
      ...{ authorization: rarely(authorizations, 8), more: fc.array(otherHeaders, { maxLength: 2 }) },
      body: hasBody ? rawBodiesOf(body) : fc.constant(undefined),
    });
    return parts.map((made) => assemble(world, method, made));
  });
}

interface Parts {
  path: string;
  retarget: ((path: string) => string) | undefined;
  query: string | undefined;
  host: string[] | undefined;
  authorization: ((right: string) => string[]) | undefined;
  more: (readonly [string, string])[];
  body: ReturnType<typeof rawBodiesOf> extends fc.Arbitrary<infer Body> ? Body | undefined : never;
}

function assemble(world: FuzzWorld, method: string, parts: Parts): FuzzRawRequest {
  const { path, retarget, query, host = [new URL(world.api.url).host], authorization, more, body } = parts;
  const right = authorizationOf(world, path);
  const withQuery = query === undefined ? path : `${path}?${query}`;
  return {
    ...{ method, path, isCut: body?.isCut ?? false, body: body?.bytes ?? Buffer.alloc(0) },
    target: retarget ? retarget(withQuery) : withQuery,
    headers: [
      ...host.map((value) => ["Host", value] as const),
      ...(authorization ? authorization(right) : [right]).map((value) => ["Authorization", value] as const),
      ...more,
      ...(body?.headers ?? []),
      ["Connection", "close"],
    ],
  };
}

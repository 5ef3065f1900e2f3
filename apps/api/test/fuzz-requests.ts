import fc from "fast-check";
import { nastyText, rarely } from "./fuzz-texts.js";
import { type Mode, valuesOf } from "./fuzz-values.js";
import type { FuzzWorld, Operation } from "./fuzz-world.js";
import { basic } from "./support.js";

/** A request that a client such as fetch can make. */
export interface FuzzRequest {
  operation: Operation;
  method: string;
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** Node answers a head of more than 16 KiB by itself, with a 431. */
const PATH_TEXT_MAX = 500;

/** Makes requests to an operation. */
export function requestsTo(world: FuzzWorld, operation: Operation, mode: Mode): fc.Arbitrary<FuzzRequest> {
  const anyValue = valuesOf(world, mode);
  const query = fc.record(
    Object.fromEntries(operation.query.map(({ name, schema }) => [name, anyValue(schema, name)])),
    { requiredKeys: [] },
  );
  const garbage = fc.oneof(nastyText, fc.constant('{"a":'), fc.constant("[1,]"));
  const wild = <Value>(arbitrary: fc.Arbitrary<Value>, oneIn: number) =>
    mode === "careful" ? fc.constant(undefined) : rarely(arbitrary, oneIn);
  const parts = fc.record({
    ...{ path: pathsOf(world, operation, mode), query },
    body: operation.body ? anyValue(operation.body, "") : fc.constant(undefined),
    ...{ raw: wild(garbage, 20), headers: wild(headers, 8), isHead: wild(fc.constant(true), 20) },
  });
  return parts.map(({ path, query, body, raw, headers: more, isHead }) => ({
    operation,
    method: isHead && operation.method === "GET" ? "HEAD" : operation.method,
    path: `${path}?${searchOf(query)}`,
    headers: { authorization: authorizationOf(world, operation.path), "content-type": "application/json", ...more },
    body: operation.body && (raw ?? JSON.stringify(body) ?? ""),
  }));
}

/** What opens a path. */
export function authorizationOf({ api }: FuzzWorld, path: string): string {
  return basic(/^\/(v1\/Accounts|admin)/.test(path) ? api.operator : api.account);
}

/** Makes the paths of an operation, with ids of all sorts in them. */
export function pathsOf(
  { goodTexts, ownIds, spareIds, foreignIds }: FuzzWorld,
  { method, path }: Pick<Operation, "method" | "path">,
  mode: Mode,
): fc.Arbitrary<string> {
  const own = fc.constantFrom(...(method === "DELETE" ? spareIds : ownIds));
  const anyId = fc.oneof(nastyText, own, fc.constantFrom(...foreignIds, "01h2xcejqtf2nbrexx00000000"));
  // What is deleted by its right id is not there for the others.
  const hitsItsOwn = mode === "careful" && method !== "DELETE";
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
  const ids = names.map((name) =>
    hitsItsOwn && goodTexts[name] ? fc.constant(goodTexts[name]) : mode === "careful" ? own : anyId,
  );
  // What is no UTF-8 once it is decoded.
  const undecoded = fc.constantFrom("%zz", "%", "%ff", "%c0%80", "%00", "..%2f..", "%ed%a0%80");
  const encoded = fc.tuple(...ids).map((texts) => texts.map(encode));
  const filled = mode === "careful" ? encoded : orNow(encoded, fc.array(undecoded, lengthOf(names)));
  return filled.map((texts) => {
    let used = 0;
    return path.replaceAll(/\{\w+\}/g, () => texts[used++] ?? "x");
  });
}

const lengthOf = ({ length }: readonly unknown[]) => ({ minLength: length, maxLength: length });

const orNow = <Value>(mostly: fc.Arbitrary<Value>, now: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 19, arbitrary: mostly }, { weight: 1, arbitrary: now });

const encode = (text: string) => encodeURIComponent(toUsvString(text).slice(0, PATH_TEXT_MAX)) || "x";

/** A query of such parameters. */
function searchOf(query: Record<string, unknown>): URLSearchParams {
  return new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [
      name,
      toUsvString(String(value)).slice(0, PATH_TEXT_MAX),
    ]),
  );
}

// What a URL can carry: a lone surrogate has no UTF-8.
function toUsvString(text: string): string {
  return Buffer.from(text).toString();
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

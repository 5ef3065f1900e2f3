import { createHash } from "node:crypto";
import fc from "fast-check";
import { missingAtApns, missingAtFcm } from "../support/found-at-providers.js";
import { aRequest, faultsOf, type GivenRequest } from "../support/given-requests.js";
import { restart } from "../support/restart.js";
import { stack } from "./stack.js";

const path = "/v1/PushNotifications";
const SEED = Number(process.env.FANFARE_SEED ?? 20_261_129);

/** Requests of a run, and of them on their way at once: each asks the database until it is at its end. */
const COUNT = 300;
const AT_ONCE = 10;

interface Fault {
  pointer: string;
}

/** Sends a request to a device of each provider, and says what of it is not there, or was refused for another reason than its own. */
async function tryRequest(request: GivenRequest, index: number): Promise<{ status: number; wrong?: object }> {
  const tokens = { FCM: `given-${index}-fcm`, APN: `given-${index}-apn` };
  const to = Object.entries(tokens).map(([provider, token]) => ({ provider, token, locale: "de" }));
  const { status, body } = await stack.call("POST", path, { to, ...request });
  const named = status === 202 ? [] : (body.errors as Fault[]).map(({ pointer }) => pointer).sort();
  const faults = faultsOf(request);
  if (JSON.stringify(named) !== JSON.stringify(faults)) return { status, wrong: { named, faults } };
  if (status !== 202) return { status };
  await stack.completed(body.operationId);
  const [[fcm], [apn]] = await Promise.all([stack.received(tokens.FCM), stack.received(tokens.APN)]);
  const missing = [...missingAtFcm(request, fcm?.payload), ...missingAtApns(request, apn)];
  return missing.length === 0 ? { status } : { status, wrong: { missing, fcm: fcm?.payload, apn } };
}

test(`each field of ${COUNT} generated requests is found again at both providers, or a 400 names it`, async () => {
  const requests = fc.sample(aRequest, { numRuns: COUNT, seed: SEED }).entries();
  const tried: ({ request: GivenRequest } & Awaited<ReturnType<typeof tryRequest>>)[] = [];
  const tryNext = async () => {
    for (const [index, request] of requests) tried.push({ request, ...(await tryRequest(request, index)) });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, tryNext));
  expect(tried).toHaveLength(COUNT);
  expect(tried.filter(({ wrong }) => wrong)).toEqual([]);
  const accepted = tried.filter(({ status }) => status === 202).length;
  expect(accepted).toBeGreaterThan(COUNT / 2);
  expect(COUNT - accepted).toBeGreaterThan(COUNT / 20);
});

/** Keys of 1 to 64 bytes, of every kind, hashes of others among them, and each of them once; U+0000 and lone surrogates no key may have. */
function someKeys(count: number): string[] {
  const near = fc.string({
    unit: fc.constantFrom("a", "å", "日", "é", "e\u0301", " ", "\n", "\u0001"),
    minLength: 1,
    maxLength: 12,
  });
  const any = fc.oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 32 }),
    fc.string({ minLength: 1, maxLength: 64 }),
    near,
  );
  const isKey = (key: string) => !/[\0\p{Cs}]/u.test(key) && Buffer.byteLength(key) <= 64;
  const keys = new Set(fc.sample(any.filter(isKey), { numRuns: 2 * count, seed: SEED }));
  const hashes = [...keys].slice(0, count / 10).map((key) => createHash("sha256").update(key).digest("hex"));
  return [...new Set([...hashes, ...keys])].slice(0, count);
}

/** Sends to a device of Apple's for each key, and resolves with what arrived as collapse ids, in the order of the keys. */
async function collapseIdsOf(keys: readonly string[], run: string): Promise<string[]> {
  const to = keys.map((key, index) => ({ provider: "APN", token: `collapse-${run}-${index}`, variables: { key } }));
  const { operationId } = await stack.api.send({ to, content: { title: "x" }, collapseKey: "{{ key }}" });
  expect(await stack.completed(operationId)).toMatchObject({ sent: keys.length });
  const res = await fetch(`${stack.simulatorUrl}/received?limit=10000`);
  const { requests } = (await res.json()) as { requests: { token: string; headers: Record<string, string> }[] };
  const ids = new Map(requests.map(({ token, headers }) => [token, headers["apns-collapse-id"] ?? ""]));
  return to.map(({ token }) => ids.get(token) ?? "");
}

test("10,000 collapse keys of every kind arrive as legal and distinct collapse ids, the same from another process", async () => {
  const keys = someKeys(10_000);
  expect(keys).toHaveLength(10_000);
  const ids = await collapseIdsOf(keys, "one");
  expect(ids.filter((id) => !/^[\x21-\x7e]([\x20-\x7e]{0,62}[\x21-\x7e])?$/.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(keys.length);
  await restart(stack, "apns-worker");
  expect(await collapseIdsOf(keys, "two")).toEqual(ids);
});

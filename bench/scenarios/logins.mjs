import { randomBytes, randomInt } from "node:crypto";
import { createIdentities, readBasicLogin } from "@fanfare/api";
import { startInstallation } from "../support/installation.mjs";
import { median, percentile, welchT } from "../support/statistics.mjs";
import { table } from "../support/tables.mjs";

export const title = "logins: whether their time tells anything of a secret";
export const timeoutMs = 300_000;

/** Of each kind. */
const TRIES = 10_000;
const QUICK_TRIES = 1_000;

/** What is slower than most was interrupted. */
const KEPT_SHARE = 0.95;

const secretLike = (secret) => randomBytes(secret.length / 2).toString("hex");
const otherLast = (text) => text.slice(0, -1) + (text.endsWith("0") ? "1" : "0");
const basic = (user, password) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

export async function run({ inScope, sink, quick }) {
  return await inScope(async (scope) => {
    const tries = quick ? QUICK_TRIES : TRIES;
    // Which are all meant to be answered with 401.
    const env = { LOGIN_FAILURES_PER_MINUTE: "100000" };
    const installation = await startInstallation(scope, sink, { backend: "postgres", env });
    const { accounts } = await installation.call("GET", "/v1/Accounts");
    const key = await installation.call("POST", `/v1/Accounts/${accounts[0].id}/Keys`, { name: "k", scopes: ["read"] });
    const { id, secret } = key;
    const nobody = `SK${randomBytes(16).toString("hex")}`;
    const check = checkOf(createIdentities(installation.db, randomBytes(16).toString("hex")));
    const ask = askAt(installation.url);
    const right = basic(id, secret);
    const close = basic(id, otherLast(secret));
    const far = basic(id, secretLike(secret));
    const none = basic(nobody, secretLike(secret));
    const comparisons = [
      ["check", check, { "right secret": right, "wrong in all": far }],
      ["check", check, { "right secret": right, "wrong in its last digit": close }],
      ["HTTP", ask, { "wrong in its last digit": close, "wrong in all": far }],
      ["HTTP", ask, { "wrong secret of a key": far, "key that nobody has": none }],
    ];
    const logins = [];
    for (const [where, time, kinds] of comparisons) {
      const [a, b] = Object.keys(kinds);
      logins.push({ where, a, b, ...(await compare(time, Object.values(kinds), tries)) });
    }
    return { logins };
  });
}

/** What the API does of a login, in microseconds. */
function checkOf(identities) {
  return async (authorization) => {
    const begun = process.hrtime.bigint();
    const login = readBasicLogin(authorization);
    const { prove } = await identities.find(login.user);
    prove(login.hash);
    return Number(process.hrtime.bigint() - begun) / 1_000;
  };
}

/** All of a request that is refused, in microseconds. */
function askAt(url) {
  return async (authorization) => {
    const begun = process.hrtime.bigint();
    const res = await fetch(`${url}/v1/PushNotifications/Operations`, { headers: { authorization } });
    await res.arrayBuffer();
    const micros = Number(process.hrtime.bigint() - begun) / 1_000;
    if (res.status !== 401) throw new Error(`A wrong login was answered with ${res.status}.`);
    return micros;
  };
}

/**
 * Times of two logins, in an order that nobody knows. Each is one and the same text, made anew and before any is timed: a processor is quicker with what it
 * has read before, right or wrong.
 */
async function compare(time, logins, tries) {
  const kinds = shuffled(logins.flatMap((_login, kind) => Array.from({ length: tries }, () => kind)));
  const queue = kinds.map((kind) => ({ kind, authorization: Buffer.from(logins[kind]).toString() }));
  for (const { authorization } of queue.slice(0, tries)) await time(authorization);
  const times = [[], []];
  for (const { kind, authorization } of queue) times[kind].push(await time(authorization));
  const bound = percentile(times.flat(), KEPT_SHARE);
  const kept = times.map((all) => all.filter((micros) => micros < bound));
  const [medianA, medianB] = times.map(median);
  return { tries, medianA, medianB, t: welchT(...times), tOfMost: welchT(...kept) };
}

/** In one of all orders (Fisher and Yates). */
function shuffled(values) {
  const all = [...values];
  for (let left = all.length; left > 1; left--) {
    const at = randomInt(left);
    [all[left - 1], all[at]] = [all[at], all[left - 1]];
  }
  return all;
}

export function tables({ logins }) {
  const head = [
    "where",
    "of these",
    "and those",
    "tries each",
    "median, µs",
    "median, µs",
    "Welch's t",
    "of the fastest 95 %",
  ];
  const rows = logins.map(({ where, a, b, tries, medianA, medianB, t, tOfMost }) => [
    ...[where, a, b, tries.toLocaleString("en-US")],
    ...[medianA.toFixed(1), medianB.toFixed(1), t.toFixed(2), tOfMost.toFixed(2)],
  ]);
  return [table(head, rows)];
}

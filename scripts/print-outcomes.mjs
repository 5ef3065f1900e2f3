// Prints what Fanfare makes of every code that FCM and APNs document: asked of the code itself, row by row.
import { APNS_RULES, toApnsOutcome } from "@fanfare/apns-worker";
import { DEFAULT_RETRY_POLICY } from "@fanfare/domain";
import { FCM_RULES, GOOGLE_RULES, toFcmOutcome } from "@fanfare/fcm-worker";
import Table from "cli-table3";

const FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const now = new Date();
const answered = (status, body) => ({ kind: "answered", status, headers: {}, body: Buffer.from(JSON.stringify(body)) });

const apns = APNS_RULES.map(({ status, reason, meaning }) => ({
  ...{ provider: "APNs", status, code: reason, meaning },
  outcome: toApnsOutcome(answered(status, { reason }), "", now),
}));
const fcm = FCM_RULES.map(({ status, errorCode, meaning }) => ({
  ...{ provider: "FCM", status, code: errorCode, meaning },
  outcome: toFcmOutcome(answered(status, { error: { details: [{ "@type": FCM_ERROR, errorCode }] } }), now),
}));
const google = GOOGLE_RULES.map(({ status, errorCode, meaning }) => ({
  ...{ provider: "Google", status, code: errorCode, meaning },
  outcome: toFcmOutcome(answered(status, { error: { status: errorCode } }), now),
}));

/** What is waited for at first, for as long as the answer names no time itself. */
function triedAgain({ kind, blame, backoffMs }) {
  if (kind !== "retry") return blame === "credential" ? "once mended" : "no";
  const bounds = backoffMs === undefined ? [0, DEFAULT_RETRY_POLICY.baseMs] : [backoffMs, 2 * backoffMs];
  return `in ${bounds.map((ms) => ms / 1_000).join(" to ")} s`;
}

const table = new Table({
  head: ["provider", "HTTP", "code", "outcome", "blame", "tried again", "token kept", "meaning"],
  style: { head: [], border: [], compact: true },
});
for (const { provider, status, code, meaning, outcome } of [...apns, ...fcm, ...google]) {
  const { kind, blame = "" } = outcome;
  table.push([provider, status, code, kind, blame, triedAgain(outcome), blame === "token" ? "no" : "yes", meaning]);
}
process.stdout.write(`${table.toString()}\n`);
process.stdout.write(`What is tried again is tried after twice as long each time, no sooner than Retry-After says, and with a time in a 429 of FCM then.
`);

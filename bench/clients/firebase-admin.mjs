// firebase-admin's `sendEach`, 500 messages a call (its maximum), one call after the other.

import process from "node:process";
import { cert, initializeApp } from "firebase-admin/app";
import { getMessaging } from "firebase-admin/messaging";
import { deviceToken } from "../support/tokens.mjs";
import { answer, outcome, readTask } from "./measure.mjs";

const PER_CALL = 500;
const { count, prefix, serviceAccount } = await readTask();
const messaging = getMessaging(initializeApp({ credential: cert(serviceAccount) }));
const notification = { title: "Boarding", body: "Gate A1 in one hour" };

const cpu = process.cpuUsage();
const begun = performance.now();
let accepted = 0;
for (let first = 0; first < count; first += PER_CALL) {
  const messages = Array.from({ length: Math.min(PER_CALL, count - first) }, (_, index) => ({
    token: deviceToken("FCM", prefix, first + index),
    notification,
  }));
  const { successCount, responses } = await messaging.sendEach(messages);
  accepted += successCount;
  const failed = responses.find(({ success }) => !success);
  if (failed) process.stderr.write(`${failed.error}\n`);
}
answer(outcome({ count, accepted, begun, cpu }));

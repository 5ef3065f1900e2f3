// The worker of the obvious pipeline: a job is a recipient; it is sent with `apn`'s Provider, and its row is updated.
import process from "node:process";
import { connectDb } from "@fanfare/db";
import apn from "apn";
import { Worker } from "bullmq";

const { DATABASE_URL, REDIS_PORT, APNS_URL, APNS_CA, APNS_KEY, APNS_KEY_ID, APNS_TEAM_ID, APNS_TOPIC } = process.env;
const db = connectDb(DATABASE_URL, { poolSize: 20 });
const { hostname, port } = new URL(APNS_URL);
const provider = new apn.Provider({
  token: { key: APNS_KEY, keyId: APNS_KEY_ID, teamId: APNS_TEAM_ID },
  address: hostname,
  port: Number(port),
  ca: [APNS_CA],
  production: true,
});

const work = async ({ data: { operationId, ordinal, token, content } }) => {
  const notification = new apn.Notification({ alert: content });
  notification.topic = APNS_TOPIC;
  notification.pushType = "alert";
  const { sent } = await provider.send(notification, token);
  const status = sent.length === 1 ? "SENT" : "FAILED";
  await db.notification.update({
    where: { operationId_ordinal: { operationId, ordinal } },
    data: { status, attempts: 1, updatedAt: new Date() },
  });
};
const worker = new Worker("naive", work, {
  connection: { host: "127.0.0.1", port: Number(REDIS_PORT) },
  concurrency: 100,
});
worker.on("error", (error) => process.stderr.write(`${error.message}\n`));
await worker.waitUntilReady();
process.send({ ready: true });
process.on("SIGTERM", () => process.exit(0));
process.on("disconnect", () => process.exit(0));

// The other half of the obvious pipeline: for each recipient a row and a job.
import { randomUUID } from "node:crypto";
import process from "node:process";
import { json } from "node:stream/consumers";
import { connectDb } from "@fanfare/db";
import { Queue } from "bullmq";
import { CONTENT, deviceToken } from "../support/tokens.mjs";

const AT_ONCE = 50;
const { databaseUrl, redisPort, count, prefix } = await json(process.stdin);
const db = connectDb(databaseUrl, { poolSize: 10 });
const queue = new Queue("naive", { connection: { host: "127.0.0.1", port: redisPort } });
const operationId = randomUUID();
const cpu = process.cpuUsage();

let next = 1;
async function produce() {
  for (let ordinal = next++; ordinal <= count; ordinal = next++) {
    const token = deviceToken("APN", prefix, ordinal);
    const data = { operationId, ordinal, provider: "APN", token, status: "QUEUED", attempts: 0, updatedAt: new Date() };
    await db.notification.create({ data });
    await queue.add("push", { operationId, ordinal, token, content: CONTENT }, { removeOnComplete: true });
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, produce));
for (;;) {
  const open = await db.notification.count({ where: { operationId, status: "QUEUED" } });
  if (open === 0) break;
  await new Promise((resolve) => setTimeout(resolve, 50));
}
const { user, system } = process.cpuUsage(cpu);
const sent = await db.notification.count({ where: { operationId, status: "SENT" } });
process.stdout.write(JSON.stringify({ sent, cpuMicros: user + system }), () => process.exit(0));

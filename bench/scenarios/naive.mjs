import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { migrate } from "@fanfare/db";
import { startEmbeddedPostgres } from "@fanfare/embedded-postgres";
import { runScript, startProcess } from "../support/child-process.mjs";
import { cpuMicros, cpuSplit } from "../support/process-usage.mjs";
import { isInstalled, startRedis } from "../support/redis.mjs";
import { micros, rate, table } from "../support/tables.mjs";

export const title =
  "naive: the obvious pipeline, a BullMQ job, a Prisma create and a Prisma update for each recipient";
export const timeoutMs = 300_000;

const WORKER = fileURLToPath(new URL("../yardsticks/naive-worker.mjs", import.meta.url));

/** On Redis, where BullMQ is fastest, and with `apn`'s Provider, the faster of the two libraries, for all recipients. */
export async function run({ inScope, sink, quick, signal }) {
  if (!isInstalled("redis-server")) return { skipped: "there is no redis-server" };
  return inScope(async (scope) => {
    const dataDir = mkdtempSync(join(tmpdir(), "fanfare-bench-naive-"));
    scope.own(dataDir, (dir) => rmSync(dir, { recursive: true, force: true }));
    const redis = await scope.own(startRedis(), (server) => server.stop());
    const postgres = await scope.own(startEmbeddedPostgres({ dataDir }), (server) => server.stop());
    await migrate(postgres.url);
    const worker = await scope.own(startWorker(sink, postgres, redis), (started) => started.stop());
    const produce = (count, prefix) =>
      runScript(
        "yardsticks/naive-producer.mjs",
        { databaseUrl: postgres.url, redisPort: redis.port, count, prefix },
        { signal },
      );
    await produce(500, "naivewarm");
    return measure({ produce, sink, worker, postgres, redis, count: quick ? 1_000 : 20_000 });
  });
}

function startWorker(sink, postgres, redis) {
  const env = {
    DATABASE_URL: postgres.url,
    REDIS_PORT: String(redis.port),
    APNS_URL: sink.apnsUrl,
    APNS_CA: readFileSync(sink.caFile, "utf8"),
    APNS_KEY: readFileSync(sink.apnsKeyFile, "utf8"),
    APNS_KEY_ID: sink.apnsKeyId,
    APNS_TEAM_ID: sink.apnsTeamId,
    APNS_TOPIC: sink.apnsTopic,
  };
  return startProcess(process.execPath, [WORKER], { env });
}

async function measure({ produce, sink, worker, postgres, redis, count }) {
  await sink.clear();
  const usage = () => ({
    worker: cpuMicros(worker.pid),
    postgres: cpuMicros(postgres.pid, { family: true }),
    redis: cpuMicros(redis.pid),
  });
  const before = usage();
  const begun = performance.now();
  const produced = await produce(count, "naive");
  const seconds = (performance.now() - begun) / 1_000;
  const { total, ...split } = cpuSplit(before, usage(), count);
  const producer = produced.cpuMicros / count;
  const { tokens, duplicates } = await sink.counts();
  return {
    recipients: count,
    seconds,
    perSecond: count / seconds,
    cpuMicros: { producer, ...split, total: total + producer },
    lost: count - Math.min(tokens, produced.sent),
    duplicates,
  };
}

export function tables(measured) {
  if (measured.skipped) return [`skipped: ${measured.skipped}`];
  const { recipients, perSecond, cpuMicros: cpu, lost, duplicates } = measured;
  const roles = Object.keys(cpu);
  return [
    table(
      ["recipients", "pushes/s", ...roles.map((role) => `${role}, CPU µs`), "lost", "duplicates"],
      [[recipients, rate(perSecond), ...roles.map((role) => micros(cpu[role])), lost, duplicates]],
    ),
  ];
}

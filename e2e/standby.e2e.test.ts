import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@fanfare/embedded-postgres";
import { withClient } from "@fanfare/postgres";
import { connectQueues, consume, createProducer, migrateQueues } from "@fanfare/queues";
import { patient, startTcpProxy, type TcpProxy, until } from "@fanfare/testkit";

let dirs: string[];
let master: EmbeddedPostgres;
let standby: EmbeddedPostgres;
let proxy: TcpProxy;

beforeAll(async () => {
  dirs = await Promise.all(["master", "standby"].map((name) => mkdtemp(join(tmpdir(), `fanfare-${name}-`))));
  const [masterDir, standbyDir] = dirs as [string, string];
  const start = (dataDir: string) => startEmbeddedPostgres({ dataDir, durable: false });
  const first = await start(masterDir);
  await migrateQueues({ databaseUrl: first.url });
  await first.stop();
  for (const name of ["postgres", "postgres.password"]) execFileSync("cp", ["-a", join(masterDir, name), standbyDir]);
  // Its being there is what counts, and that it belongs to the server.
  const pgdata = join(standbyDir, "postgres");
  execFileSync("cp", ["-a", join(pgdata, "PG_VERSION"), join(pgdata, "standby.signal")]);
  [master, standby] = await Promise.all([start(masterDir), start(standbyDir)]);
  proxy = await startTcpProxy();
});
afterAll(async () => {
  proxy?.end();
  await Promise.all([master?.stop(), standby?.stop()]);
  await Promise.all(dirs.map((dir) => rm(dir, { recursive: true, force: true })));
});

test("workers whose connections a failover leads to a standby leave it when the name leads to the master", async () => {
  const { rows } = await withClient(standby.url, "test", (client) => client.query("select pg_is_in_recovery() as it"));
  expect(rows).toEqual([{ it: true }]);
  const errors: Error[] = [];
  const onError = (error: Error) => void errors.push(error);
  const connection = connectQueues({ databaseUrl: proxy.before(master.url), onError });
  const taken = new Set<string>();
  const consumer = consume(connection, "fanout", async ({ batchIds }) => batchIds.forEach((id) => void taken.add(id)), {
    ...{ concurrency: 1, onError, onBroken: (error) => onError(error as Error) },
  });
  const there = connectQueues({ databaseUrl: master.url, onError });
  const producer = createProducer(there, "fanout", { jobsMax: 100 });
  const takes = async () => {
    const batchId = randomUUID();
    await producer.add({ batchId, recipients: 1, depth: 1 });
    await until(() => taken.has(batchId));
  };
  await takes();

  proxy.pointTo(standby.port);
  proxy.close();
  proxy.open();
  await until(() => errors.some(({ message }) => message.includes("cannot execute")));
  await setTimeout(2_500);
  process.stderr.write(`on the standby: ${[...new Set(errors.map(({ message }) => message))].join(" | ")}\n`);
  errors.length = 0;
  proxy.pointTo(master.port);
  const leadsAt = performance.now();
  await takes();
  const afterMs = Math.round(performance.now() - leadsAt);
  process.stderr.write(`standby: work went on after ${afterMs} ms, ${errors.length} errors\n`);
  expect(afterMs).toBeLessThan(patient(5_000));
  // What comes later wakes it at once: it listens to the master.
  const wokenAt = performance.now();
  await takes();
  expect(performance.now() - wokenAt).toBeLessThan(patient(1_000));
  await producer.close();
  await consumer.stop();
  await Promise.all([connection.close(), there.close()]);
});

import { createWriteProbe, isDatabaseUnavailable, type WriteProbe } from "@fanfare/db";
import { patient, startTcpProxy, until } from "@fanfare/testkit";
import { useDatabase } from "./support.js";

const used = useDatabase();
const probes: WriteProbe[] = [];
afterEach(() => Promise.all(probes.splice(0).map((probe) => probe.close())));

function aProbe(url = used.url): WriteProbe {
  const probe = createWriteProbe(url);
  probes.push(probe);
  return probe;
}

const errorOf = (probe: WriteProbe) => probe.write().catch((error: unknown) => error);

const connections = () => used.db.$queryRaw<{ pid: number }[]>`
  select pid from pg_stat_activity where datname = current_database() and application_name = 'fanfare-readiness'`;

/** Changes a setting of the database, and ends the probes' connections, which have the one before. */
async function setForNew(setting: string): Promise<void> {
  const [{ name }] = await used.db.$queryRaw<[{ name: string }]>`select current_database() as name`;
  await used.db.$transaction([
    used.db.$executeRaw`set transaction read write`,
    used.db.$executeRawUnsafe(`alter database ${name} set ${setting}`),
  ]);
  await used.db.$queryRaw`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'fanfare-readiness'`;
}

test("a write is committed, and keeps one connection, however often", async () => {
  const probe = aProbe();
  const beganAt = await used.db.$queryRaw<[{ now: Date }]>`select now()`;
  await Promise.all(Array.from({ length: 20 }, () => probe.write()));
  expect(await used.db.readinessWrite.count({ where: { writtenAt: { gte: beganAt[0].now } } })).toBeGreaterThan(0);
  expect(await connections()).toHaveLength(1);
});

test("however many write, the rows are few, and none waits for long", async () => {
  const all = Array.from({ length: 20 }, () => aProbe());
  const beganAt = performance.now();
  for (let round = 0; round < 10; round++) await Promise.all(all.map((probe) => probe.write()));
  expect((performance.now() - beganAt) / 10).toBeLessThan(patient(500));
  expect(await used.db.readinessWrite.count()).toBeLessThanOrEqual(64);
});

test("a server that takes no writes is red, and green again once it does: a standby that is promoted, an operator's mistake", async () => {
  const probe = aProbe();
  await probe.write();
  await setForNew("default_transaction_read_only = on");
  await until(async () => /read-only transaction/.test(String(await errorOf(probe))));
  expect(await errorOf(probe)).toMatchObject({ code: "25006" });
  await setForNew("default_transaction_read_only = off");
  await until(() => probe.write().then(() => true));
});

// A disk that is full can not be had here; what takes its place refuses the same request for room.
test("a server without room is red, though the row itself needs none", async () => {
  const probe = aProbe();
  await probe.write();
  await setForNew("temp_file_limit = '64kB'");
  await until(async () => /temporary file size exceeds/.test(String(await errorOf(probe))));
  await setForNew("temp_file_limit = -1");
  await until(() => probe.write().then(() => true));
});

test("a role that may read and not write is red", async () => {
  const { db } = used;
  await db.$executeRaw`create role fanfare_reader login password 'reader'`;
  try {
    await db.$executeRaw`grant select on all tables in schema public to fanfare_reader`;
    const url = Object.assign(new URL(used.url), { username: "fanfare_reader", password: "reader" }).href;
    expect(await errorOf(aProbe(url))).toMatchObject({ code: "42501" });
  } finally {
    await db.$executeRaw`drop owned by fanfare_reader`;
    await db.$executeRaw`drop role fanfare_reader`;
  }
});

test("a server that says nothing is red in time, each time, and green as soon as it goes on", async () => {
  const proxy = await startTcpProxy();
  const probe = aProbe(proxy.before(used.url));
  await probe.write();
  proxy.set({ kind: "stall" });
  for (let time = 0; time < 3; time++) {
    const beganAt = performance.now();
    expect(isDatabaseUnavailable(await errorOf(probe))).toBe(true);
    expect(performance.now() - beganAt).toBeLessThan(patient(2_000));
  }
  proxy.set({ kind: "pass" });
  await probe.write();
  proxy.end();
});

test("rows that somebody holds make a write fail in time", async () => {
  const probe = aProbe();
  await probe.write();
  await used.db.$transaction(async (tx) => {
    await tx.$executeRaw`lock table readiness_writes in exclusive mode`;
    expect(await errorOf(probe)).toMatchObject({ code: "57014" });
  });
  await probe.write();
});

test("a database that is away is red", async () => {
  expect(await errorOf(aProbe("postgres://x:y@127.0.0.1:1/z"))).toMatchObject({ code: "ECONNREFUSED" });
});

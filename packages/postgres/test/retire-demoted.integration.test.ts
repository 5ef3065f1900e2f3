import { UtcPool, withClient } from "@fanfare/postgres";
import { createEmptyDatabase, type TestDatabase, until } from "@fanfare/testkit";
import type pg from "pg";

let database: TestDatabase;
let pool: UtcPool;
const lost: Error[] = [];

beforeEach(async () => {
  database = await createEmptyDatabase();
  await withClient(database.url, "test", (client) => client.query("create table t (n int)"));
  // Of sessions that are opened from then on: another one is as of a server to which the name leads by then.
  await database.setReadOnly(true);
  lost.length = 0;
  pool = new UtcPool({ connectionString: database.url, max: 4 });
  pool.on("error", (error) => lost.push(error));
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

const pidOf = async (asked: Pick<pg.ClientBase, "query">) =>
  (await asked.query<{ pid: number }>("select pg_backend_pid() as pid")).rows[0]?.pid;
const write = (asked: Pick<pg.ClientBase, "query"> = pool) => asked.query("insert into t values (1)");
const refused = expect.objectContaining({ code: "25006" });

test("those that wait go at once, listeners are told, and those that are busy finish what they do", async () => {
  const [listener, busy, idle] = [await pool.connect(), await pool.connect(), await pool.connect()];
  const told = new Promise<Error>((resolve) => listener.once("error", resolve));
  await listener.query("listen jobs");
  const before = await Promise.all([listener, busy, idle].map(pidOf));
  idle.release();
  const asleep = busy.query<{ slept: string }>("select pg_sleep(0.5), 'well' as slept");
  await database.setReadOnly(false);
  await expect(write()).rejects.toEqual(refused);
  expect((await told).message).toContain("read-only");
  listener.release(true);
  expect((await asleep).rows[0]?.slept).toBe("well");
  busy.release();
  await until(() => pool.totalCount === 0);
  await write();
  expect(before).not.toContain(await pidOf(pool));
});

test("a transaction that is refused ends as it would, and its connection with it", async () => {
  const client = await pool.connect();
  const pid = await pidOf(client);
  await client.query("begin");
  await database.setReadOnly(false);
  await expect(write(client)).rejects.toEqual(refused);
  await client.query("rollback");
  client.release();
  await write();
  expect(await pidOf(pool)).not.toBe(pid);
});

test("a server that stays read-only: what listens there is made anew once a second at most, and once more after the last refusal", async () => {
  const lostAt: number[] = [];
  const listen = async () => {
    const client = await pool.connect();
    client.once("error", () => {
      lostAt.push(performance.now());
      client.release(true);
      if (lostAt.length < 3) void listen();
    });
  };
  await listen();
  const endAt = performance.now() + 2_500;
  while (performance.now() < endAt) await expect(write()).rejects.toEqual(refused);
  await until(() => lostAt.length >= 3);
  const gaps = lostAt.slice(1).map((at, index) => at - (lostAt[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThan(900);
});

test("one that is refused itself and never given back goes too, as often as it is: a standby refuses LISTEN", async () => {
  await database.setReadOnly(false);
  const refuse = "do $$ begin raise exception using errcode = '25006'; end $$";
  for (let times = 0; times < 2; times++) {
    const listener = await pool.connect();
    const told = new Promise((resolve) => listener.once("error", resolve));
    await expect(listener.query(refuse)).rejects.toEqual(refused);
    await told;
    listener.release(true);
  }
  await write();
});

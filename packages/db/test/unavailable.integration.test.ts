import { createServer } from "node:net";
import { connectDb, isDatabaseUnavailable } from "@fanfare/db";
import { startDyingPostgres, startTcpProxy } from "@fanfare/testkit";
import { useDatabase } from "./support.js";

const used = useDatabase();

async function errorOf(run: () => Promise<unknown>): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error("It did not fail.");
}

test("nobody listens where the database should be", async () => {
  const db = connectDb("postgres://x:y@127.0.0.1:1/z");
  expect(isDatabaseUnavailable(await errorOf(() => db.$queryRaw`select 1`))).toBe(true);
  expect(isDatabaseUnavailable(await errorOf(() => db.operation.count()))).toBe(true);
  await db.$disconnect();
});

test.each([
  ["the password", (url: URL) => Object.assign(url, { password: "wrong" })],
  ["the database", (url: URL) => Object.assign(url, { pathname: "/nowhere" })],
])("a new connection is refused for %s: that is no statement's fault", async (_what, change) => {
  const db = connectDb(change(new URL(used.url)).href);
  expect(isDatabaseUnavailable(await errorOf(() => db.$queryRaw`select 1`))).toBe(true);
  expect(isDatabaseUnavailable(await errorOf(() => db.$transaction((tx) => tx.$queryRaw`select 1`)))).toBe(true);
  await db.$disconnect();
});

test("somebody listens and never answers", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const db = connectDb(`postgres://x:y@127.0.0.1:${port}/z`, { connectTimeoutMs: 200 });
  expect(isDatabaseUnavailable(await errorOf(() => db.$queryRaw`select 1`))).toBe(true);
  await db.$disconnect();
  server.close();
});

test("the connection is ended under a statement", async () => {
  const db = connectDb(used.url, { poolSize: 1, onError: () => undefined });
  const failed = errorOf(() => db.$queryRaw`select pg_terminate_backend(pg_backend_pid()), pg_sleep(1)`);
  expect(isDatabaseUnavailable(await failed)).toBe(true);
  await db.$disconnect();
});

test("every connection is ended in the moment that it is made: whoever asks is told, and the process goes on", async () => {
  const server = await startDyingPostgres();
  const db = connectDb(server.url, { onError: () => undefined });
  const asked = Array.from({ length: 20 }, () => [
    db.$queryRaw`select 1`,
    db.$transaction((tx) => tx.$queryRaw`select 1`),
  ]);
  for (const error of await Promise.all(asked.flat().map((answer) => errorOf(() => answer)))) {
    expect(isDatabaseUnavailable(error)).toBe(true);
  }
  await db.$disconnect();
  server.close();
});

test("a transaction that met a halted server, its ROLLBACK too, leaves nothing open that a later statement could become part of", async () => {
  const proxy = await startTcpProxy();
  const db = connectDb(proxy.before(used.url), { poolSize: 1, statementTimeoutMs: 300, onError: () => undefined });
  await used.db.$executeRaw`create table kept (n integer)`;
  const error = await errorOf(() =>
    db.$transaction(async (tx) => {
      await tx.$executeRaw`insert into kept values (1)`;
      proxy.set({ kind: "stall" });
      await tx.$executeRaw`insert into kept values (2)`;
    }),
  );
  expect(isDatabaseUnavailable(error)).toBe(true);
  proxy.set({ kind: "pass" });
  await db.$executeRaw`insert into kept values (3)`;
  expect(await used.db.$queryRaw`select n from kept`).toEqual([{ n: 3 }]);
  await db.$disconnect();
  proxy.end();
});

test("a statement that is wrong is nobody's absence", async () => {
  expect(isDatabaseUnavailable(await errorOf(() => used.db.$queryRaw`select nonsense`))).toBe(false);
});

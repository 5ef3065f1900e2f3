import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startEmbeddedPostgres } from "@fanfare/embedded-postgres";
import { leakGuard, until } from "@fanfare/testkit";
import { openPostgresLog } from "../src/postgres-log.js";
import { waitUntilReady } from "../src/wait-until-ready.js";
import { killed, query, runs, startElsewhere, useDataDir } from "./embedded-cluster.js";

const { folder, haveCluster } = useDataDir();
leakGuard();

/** What a shell may say of another Postgres, and a host of its zone. */
const FOREIGN = {
  PGSSLMODE: "require",
  PGOPTIONS: "-c search_path=nowhere -c nonsense=1",
  PGHOST: "db.invalid",
  PGPORT: "1",
  PGUSER: "somebody",
  PGPASSWORD: "guess",
  PGDATABASE: "other",
  PGDATA: "/nowhere",
  PGTZ: "Asia/Tokyo",
  PGREPLICATION: "database",
  TZ: "Asia/Kolkata",
};

test("no PG* variable and no zone of the shell reaches it, when it is made and when it is started again", async () => {
  const env = { ...process.env, ...FOREIGN };
  for (let time = 0; time < 2; time++) {
    const { child, url, pid, refused } = await startElsewhere({ dir: folder(), env });
    expect(refused).toBeUndefined();
    for (const zone of ["timezone", "log_timezone"]) {
      expect(Object.values((await query(url, `show ${zone}`))[0] as object)).toEqual(["UTC"]);
    }
    expect(readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").filter(isForeign)).toEqual([]);
    await killed(child);
  }
  await (await startEmbeddedPostgres({ dataDir: folder() })).stop();
});

const isForeign = (line: string) => line.startsWith("PG") && !line.startsWith("PG_GRANDPARENT_PID=");

test.each([
  ["a zombie that nobody waits for", "sleep 0 & echo $!; exec sleep 1000", true],
  ["another program by now", "sleep 1000 & echo $!; wait", false],
])(
  "after a kill -9 of everything it starts at the first try though the former number is that of %s",
  async (_what, script, zombie) => {
    haveCluster();
    const { child, pid } = await startElsewhere({ dir: folder() });
    process.kill(pid, "SIGKILL");
    await killed(child);
    await until(() => !runs(pid));
    // Postgres asks only of processes of its own user.
    const { uid, gid } = statSync(join(folder(), "postgres"));
    const parent = spawn("sh", ["-c", script], { uid, gid, stdio: ["ignore", "pipe", "ignore"] });
    const [line] = await once(parent.stdout, "data");
    const holder = Number(line);
    await until(() => runs(holder) === !zombie);
    const pidFile = join(folder(), "postgres", "postmaster.pid");
    writeFileSync(pidFile, readFileSync(pidFile, "utf8").replace(/^\d+/, String(holder)));
    const second = await startEmbeddedPostgres({ dataDir: folder() });
    expect(await query(second.url, "select 42 as answer")).toEqual([{ answer: 42 }]);
    await second.stop();
    expect(runs(holder)).toBe(!zombie);
    if (!zombie) process.kill(holder, "SIGKILL");
    await killed(parent);
  },
);

test("its log goes on over restarts, and holds nothing of rows, statements and parameters", async () => {
  haveCluster();
  let ended = "";
  const first = await startEmbeddedPostgres({ dataDir: folder(), onExit: (why) => (ended = why) });
  await query(first.url, "create table pushes (title text primary key check (title <> 'secret-1'), at int)");
  for (const sql of [
    "insert into pushes values ('secret-1')",
    "insert into pushes values ('secret-2'), ('secret-2')",
    "select 'secret-3' from missing",
    `select '{"title": secret-4}'::json`,
    "set statement_timeout = 20; select pg_sleep(9), 'secret-5'",
  ]) {
    await expect(query(first.url, sql)).rejects.toThrow();
  }
  await query(
    first.url,
    "do $$ begin raise warning using message = 'told', detail = 'secret-6', hint = 'secret-7'; end $$",
  );
  // A backend that is killed at work: Postgres tells what it ran.
  const busy = expect(query(first.url, "select pg_sleep(99), 'secret-8'")).rejects.toThrow();
  const found = await until(async () => {
    const rows = await query(first.url, "select pid from pg_stat_activity where query like 'select pg_sleep(99%'");
    return rows[0] as { pid: number } | undefined;
  });
  process.kill(found.pid, "SIGKILL");
  await busy;
  expect(ended).toBe("");
  await first.stop();
  await (await startEmbeddedPostgres({ dataDir: folder() })).stop();
  const log = readFileSync(join(folder(), "postgres.log"), "utf8");
  expect(log).not.toMatch(/secret-\d/);
  // What went wrong is told, and both times that it was started.
  expect(log).toContain("violates check constraint");
  expect(log).toContain("was terminated by signal 9");
  expect(log.match(/starting PostgreSQL/g)).toHaveLength(2);
});

test("its log is kept small while it runs, with as much of what was before in another file", async () => {
  const file = join(folder(), "postgres.log");
  writeFileSync(file, "x".repeat(1_000));
  const log = openPostgresLog(file, 1_000, 10);
  expect([statSync(file).size, statSync(`${file}.1`).size]).toEqual([0, 1_000]);
  // As the postmaster does: it goes on with the file that it has.
  writeFileSync(log.handle, "y".repeat(1_200));
  await until(() => statSync(file).size === 0);
  writeFileSync(log.handle, "the end");
  expect(readFileSync(`${file}.1`, "utf8")).toBe("y".repeat(1_200));
  expect(log.lastLines()).toBe("the end");
  log.close();
});

test("who is refused is told why within seconds, not after a minute of silence", async () => {
  haveCluster();
  const server = await startEmbeddedPostgres({ dataDir: folder() });
  const running = { pid: server.pid, ended: () => undefined, exited: new Promise<void>(() => undefined) };
  const wrong = server.url.replace(/:[0-9a-f]{48}@/, ":guess@");
  const refused = waitUntilReady(wrong, { ...running, stop: async () => undefined });
  await expect(refused).rejects.toThrow("Postgres refuses the connection (28P01)");
  await server.stop();
});

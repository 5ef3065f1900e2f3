import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DataDirInUseError, startEmbeddedPostgres } from "@fanfare/db";
import { until } from "@fanfare/testkit";
import pg from "pg";

const built = fileURLToPath(new URL("../dist/index.js", import.meta.url));
let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "fanfare-embedded-"));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  // The server is killed under it in these tests.
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows as unknown[];
  } finally {
    await client.end();
  }
}

/** Another process that runs Postgres in the data directory and can be killed. */
async function startElsewhere(): Promise<{ child: ChildProcess; url: string; pid: number }> {
  const script = `import { startEmbeddedPostgres } from ${JSON.stringify(built)};
    const { url, pid } = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)} });
    console.log(JSON.stringify({ url, pid }));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const line = await new Promise<string>((resolve) => child.stdout?.once("data", (data) => resolve(String(data))));
  return { child, ...(JSON.parse(line) as { url: string; pid: number }) };
}

/** A zombie, whose parent was killed too, has ended. */
function runs(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

const killed = (child: ChildProcess) =>
  new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });

test("what was committed is there after a restart, and the port need not be the same", async () => {
  const first = await startEmbeddedPostgres({ dataDir });
  await query(first.url, "create table kept as select 42 as answer");
  await first.stop();
  const second = await startEmbeddedPostgres({ dataDir });
  expect(await query(second.url, "select answer from kept")).toEqual([{ answer: 42 }]);
  await second.stop();
});

test("what was committed is recovered after a kill -9 of Postgres", async () => {
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

test("after a kill -9 of its starter the Postgres left behind is stopped, and its data is used on", async () => {
  const { child, url, pid } = await startElsewhere();
  await query(url, "create table kept as select 42 as answer");
  await killed(child);
  const second = await startEmbeddedPostgres({ dataDir });
  expect(runs(pid)).toBe(false);
  expect(await query(second.url, "select answer from kept")).toEqual([{ answer: 42 }]);
  await second.stop();
});

test("a second start in the same folder is refused and names the process that holds it", async () => {
  const { child } = await startElsewhere();
  const refused = startEmbeddedPostgres({ dataDir });
  await expect(refused).rejects.toThrow(DataDirInUseError);
  await expect(refused).rejects.toThrow(`running already in ${dataDir} (process ${child.pid})`);
  await killed(child);
  await (await startEmbeddedPostgres({ dataDir })).stop();
});

test("a port that is taken is refused by name when it was asked for", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await expect(startEmbeddedPostgres({ dataDir, port })).rejects.toThrow(`Port ${port} is taken`);
  server.close();
  await (await startEmbeddedPostgres({ dataDir })).stop();
});

test("an initialization that was interrupted is begun again", async () => {
  const { mkdirSync, writeFileSync } = await import("node:fs");
  mkdirSync(join(dataDir, "postgres.new"));
  writeFileSync(join(dataDir, "postgres.new", "half"), "");
  const server = await startEmbeddedPostgres({ dataDir });
  expect(existsSync(join(dataDir, "postgres.new"))).toBe(false);
  await server.stop();
});

test("the password is in a file that only its owner reads, and no other password opens the database", async () => {
  const { statSync } = await import("node:fs");
  const server = await startEmbeddedPostgres({ dataDir });
  const file = join(dataDir, "postgres.password");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await expect(query(server.url.replace(readFileSync(file, "utf8"), "guess"), "select 1")).rejects.toThrow("password");
  await server.stop();
});

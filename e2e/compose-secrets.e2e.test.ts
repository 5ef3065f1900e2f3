import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { withClient } from "@fanfare/postgres";
import { createEmptyDatabase, type TestDatabase, until } from "@fanfare/testkit";
import { parse } from "yaml";

const root = fileURLToPath(new URL("..", import.meta.url));
const compose = parse(readFileSync(join(root, "docker-compose.yml"), "utf8"), { merge: true }) as {
  services: Record<string, { command?: string[]; environment?: Record<string, string> }>;
};

/** Characters that mean something in a URL, in a shell, in YAML, in SQL, in Compose or in HTTP Basic. */
const ODD = `p@ss:w/o#r?d%41%&"'\\ \${HOME} $HOME {{ }} é=`;
const ROLE = `compose_${randomBytes(4).toString("hex")}`;

const dotEnv: Record<string, string> = {
  POSTGRES_PASSWORD: ODD,
  FANFARE_MASTER_KEY: randomBytes(32).toString("base64"),
  FANFARE_ACCOUNT_ID: `AC${randomBytes(16).toString("hex")}`,
  FANFARE_AUTH_TOKEN: `token ${ODD}`,
  FANFARE_ADMIN_PASSWORD: `admin ${ODD}`,
};

let database: TestDatabase;
let dataDir: string;
const running: ChildProcess[] = [];
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "fanfare-compose-"));
  database = await createEmptyDatabase();
  const name = new URL(database.url).pathname.slice(1);
  await withClient(database.url, "test", async (client) => {
    const make = "select format('create role %I login password %L', $1::text, $2::text) as sql";
    const { rows } = await client.query<{ sql: string }>(make, [ROLE, ODD]);
    await client.query(rows[0]?.sql ?? "");
    await client.query(`alter database ${name} owner to ${ROLE}; alter schema public owner to ${ROLE}`);
  });
});
afterAll(async () => {
  for (const child of running) child.kill("SIGKILL");
  await withClient(database.url, "test", (client) =>
    client.query(`reassign owned by ${ROLE} to current_user; drop owned by ${ROLE}; drop role ${ROLE}`),
  );
  await database.drop();
  await rm(dataDir, { recursive: true });
});

/** What Compose makes of a value: `${NAME}`, with `:-` and what stands for it if it is absent, or `:?` and why it must not be. */
const interpolate = (value: string) =>
  value.replace(/\$\{(\w+)(?::[-?]([^}]*))?\}/g, (_all, name: string, otherwise = "") => dotEnv[name] ?? otherwise);

/** Runs a service of docker-compose.yml as Compose would, on the test's Postgres, with the queues in it. */
function runService(name: string) {
  const { command = [], environment = {} } = compose.services[name] ?? {};
  const { host, pathname } = new URL(database.url);
  const values = Object.entries(environment).map(([key, value]) => [key, interpolate(String(value))] as const);
  const here = {
    DATABASE_URL: Object.fromEntries(values).DATABASE_URL?.replace(
      /fanfare@postgres:5432\/fanfare$/,
      `${ROLE}@${host}${pathname}`,
    ),
    ...{
      REDIS_URL: "",
      PORT: "0",
      HOST: "127.0.0.1",
      HEALTH_PORT: "0",
      SHUTDOWN_DELAY_SECONDS: "0",
      FANFARE_DATA_DIR: dataDir,
    },
  };
  const [, ...args] = command;
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env.PATH, ...Object.fromEntries(values), ...here },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.push(child);
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on("line", (line) => lines.push(line));
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, lines, exited };
}

/** What a service says once it is ready. @throws Error when it ends instead */
async function readyLine({ lines, exited }: ReturnType<typeof runService>): Promise<{ url?: string }> {
  const ended = exited.then(() => {
    throw new Error(`It ended:\n${lines.join("\n")}`);
  });
  const ready = until((see) => see(lines).find((line) => line.includes('"msg":"Ready"')));
  return JSON.parse(await Promise.race([ready, ended]));
}

test("with any characters in what .env has, the services of docker-compose.yml start, and take it", async () => {
  const migrate = runService("migrate");
  expect([await migrate.exited, migrate.lines.join("\n")]).toEqual([0, expect.stringContaining("Applied ")]);
  const services = ["api", "fanout-worker", "fcm-worker", "apns-worker"].map(runService);
  const [api = {}] = await Promise.all(services.map(readyLine));
  const as = (user = "", password = "") => ({
    headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` },
  });
  const { FANFARE_ACCOUNT_ID: account, FANFARE_AUTH_TOKEN: token, FANFARE_ADMIN_PASSWORD: password } = dotEnv;
  expect((await fetch(`${api.url}/v1/PushNotifications/Operations`, as(account, token))).status).toBe(200);
  expect((await fetch(`${api.url}/admin/queues`, as("admin", password))).status).toBe(200);
  for (const { child } of services) child.kill("SIGTERM");
  expect(await Promise.all(services.map(({ exited }) => exited))).toEqual([0, 0, 0, 0]);
  expect(services.flatMap(({ lines }) => lines).join("\n")).not.toContain("p@ss");
});

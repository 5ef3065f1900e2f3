import { execFile, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { piecesIn, until } from "@fanfare/testkit";
import { processesIn, signalProcess } from "./support/process-tree.js";
import { showOnFailure } from "./support/show-on-failure.js";

const main = fileURLToPath(new URL("../apps/cli/dist/main.js", import.meta.url));
const log: string[] = [];
showOnFailure(log);
let dataDir: string;
beforeEach(async () => {
  log.length = 0;
  dataDir = await mkdtemp(join(tmpdir(), "fanfare-start-"));
});
afterEach(async () => {
  const left = processesIn(dataDir);
  await rm(dataDir, { recursive: true, force: true });
  expect(left).toEqual([]);
});

function fanfare(args: string[], env: Record<string, string>) {
  const anyPort = {
    SIMULATOR_FCM_PORT: "0",
    SIMULATOR_APNS_PORT: "0",
    SIMULATOR_APNS_SANDBOX_PORT: "0",
    SIMULATOR_CONTROL_PORT: "0",
  };
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH, FANFARE_DATA_DIR: dataDir, PORT: "0", ...anyPort, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stderr.on("data", (data) => {
    errors += String(data);
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      output += String(data);
    });
    createInterface({ input: stream }).on("line", (line) => log.push(`${args[0]} ${line}`));
  }
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, output: () => output, errors: () => errors, exited };
}

/** What a command that was pasted into a shell prints. */
async function run(command: string, env: Record<string, string>): Promise<string> {
  const { stdout } = await promisify(execFile)("sh", ["-c", command], { env: { PATH: process.env.PATH, ...env } });
  return stdout;
}

test("fanfare start says where it is and that the simulator is the provider; Ctrl-C drains and exits with 0", async () => {
  const { child, output, exited } = fanfare(["start"], {});
  await until(() => /ready at (http:\/\/127\.0\.0\.1:\d+)/.test(output()));
  expect(output()).toMatch(/SIMULATOR: it stands in for FCM and APNs/);
  const credentials = await readFile(join(dataDir, "credentials.env"), "utf8");
  const [accountId, ...secrets] = credentials.match(/(?<==).+/g) ?? [];
  expect(output()).toContain(`Account: ${accountId}`);
  expect(secrets).toHaveLength(2);
  for (const secret of secrets) expect(output()).not.toContain(secret);
  const paste = output().match(/Try: (.*\\\n.*)/)?.[1] ?? "";
  // Of a shell that has other credentials in its environment.
  const tried = run(paste, { FANFARE_ACCOUNT_ID: "AC0", FANFARE_AUTH_TOKEN: "other" });
  expect(await tried).toContain("operationId");
  const url = output().match(/ready at (\S+)/)?.[1] ?? "";
  const send = (token: string) =>
    fanfare(["send", "--fcm", token, "--title", "Hi", "--watch"], { FANFARE_URL: `${url}/` });
  const [good, bad] = [send("phone"), send("dead-phone")];
  expect(await Promise.all([good.exited, bad.exited])).toEqual([0, 1]);
  expect(bad.errors()).toContain("Not everything was sent: 0 of 1 sent, 1 undelivered.");
  const key = fanfare(["keys", "create", "mine", "--scopes", "send"], { FANFARE_URL: url });
  expect(await key.exited).toBe(0);
  const file = key.output().match(/is in (\S+\.env), /)?.[1] ?? "";
  const secret = (await readFile(file, "utf8")).match(/_SECRET=(.+)/)?.[1] ?? "none";
  expect(key.output()).not.toContain(secret);

  child.kill("SIGINT");
  expect(await exited).toBe(0);
  expect(output()).toContain("Stopped.");

  const again = fanfare(["start"], {});
  await until(() => again.output().includes("ready at"));
  again.child.kill("SIGTERM");
  expect(await again.exited).toBe(0);
});

test("started right after a kill -9 of everything it is ready at the first try, whatever the shell says of another Postgres", async () => {
  const shell = { PGSSLMODE: "require", PGOPTIONS: "-c nonsense=1", PGDATA: "/nowhere", TZ: "Asia/Kolkata" };
  const first = fanfare(["start"], shell);
  await until(() => first.output().includes("ready at"));
  // What one of them begins before its turn comes goes too.
  await until((see) => {
    const left = see(processesIn(dataDir));
    for (const process of left) signalProcess(Number.parseInt(process, 10), "SIGKILL");
    return left.length === 0;
  });
  const again = fanfare(["start"], shell);
  await until(() => again.output().includes("ready at"));
  expect(again.output()).not.toMatch(/did not start|died/);
  again.child.kill("SIGTERM");
  expect(await again.exited).toBe(0);
});

test("a port that is taken ends the start at once with one sentence and 1, and leaves nothing running", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const { output, errors, exited } = fanfare(["start"], { PORT: String(port) });
  const code = await exited;
  server.close();
  expect(code).toBe(1);
  const sentence = `Port ${port} of 127.0.0.1 is taken by another process: end that one, or set PORT to another port.`;
  expect(errors()).toBe(`${sentence}\n`);
  expect(output()).toContain(`FATAL Could not start reason=${sentence}`);
  expect(output()).not.toMatch(/\n\s+at |starting it again/);
});

test("a configuration that is wrong names every setting and exits with 78", async () => {
  const { output, exited } = fanfare(["start"], { PORT: "high", DATABASE_URL: "mysql://x", FANFARE_ACCOUNT_ID: "me" });
  expect(await exited).toBe(78);
  for (const name of ["PORT", "DATABASE_URL", "FANFARE_ACCOUNT_ID"]) expect(output()).toContain(`${name}:`);
});

test("a provider key that is none ends the start with 78 and one line a problem, without a piece of the key", async () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const pem = String(privateKey.export({ type: "pkcs8", format: "pem" }));
  const cut = Buffer.from(pem).toString("base64").slice(0, 200);
  const { output, exited } = fanfare(["start"], { APNS_KEY: cut, FCM_SERVICE_ACCOUNT: pem });
  expect(await exited).toBe(78);
  expect(output()).toMatch(
    /\n {2}APNS_KEY: must be a P-256 private key.*these 200 characters are a key that is cut off.*\n/,
  );
  expect(output()).toMatch(/\n {2}FCM_SERVICE_ACCOUNT: must be a Google service account.*are PEM, not JSON\n/);
  expect(output()).not.toMatch(/\n\s+at |did not start|died/);
  expect(piecesIn(output(), pem)).toEqual([]);
});

test.each([
  [["--version"], /^\d+\.\d+\.\d+\n$/],
  [["--help"], /^Usage: fanfare /],
  [["help", "send"], /^Usage: fanfare send /],
])("fanfare %j needs no valid environment", async (args, said) => {
  const { output, exited } = fanfare(args, { PORT: "high" });
  expect(await exited).toBe(0);
  expect(output()).toMatch(said);
});

test.each([
  [
    "wrong host name",
    { DATABASE_URL: "postgres://u:hush-secret@no-such-host.invalid/x" },
    1,
    /^There is no host.*DATABASE_URL/,
  ],
  [
    "dead database",
    { DATABASE_URL: "postgres://u:hush-secret@127.0.0.1:1/x" },
    1,
    /^Nothing answers at 127.*DATABASE_URL/,
  ],
  [
    "?schema= that is none",
    { DATABASE_URL: "postgres://u:hush-secret@127.0.0.1:1/x?schema=" },
    78,
    /^What DATABASE_URL names with \?schema=/,
  ],
  [
    "data directory that is a file",
    { FANFARE_DATA_DIR: main },
    78,
    /^The data directory .* is a file.*FANFARE_DATA_DIR/,
  ],
  [
    "half of the credentials",
    { FANFARE_AUTH_TOKEN: "hush-secret-hush-secret" },
    78,
    /\n {2}FANFARE_ACCOUNT_ID: is required when/,
  ],
  ["health port for several", { HEALTH_PORT: "9090" }, 78, /^HEALTH_PORT is the port of one worker/],
])("fanfare start ends with one sentence on standard error: %s", async (_what, env, exitCode, sentence) => {
  const { output, errors, exited } = fanfare(["start"], env);
  expect(await exited).toBe(exitCode);
  expect(errors()).toMatch(sentence);
  expect(errors().trim().split("\n").length).toBeLessThanOrEqual(2);
  expect(output()).not.toMatch(/\n\s+at |hush-secret/);
});

test("a folder of another Postgres version is said, and is left as it is", async () => {
  const pgdata = join(dataDir, "postgres");
  await mkdir(pgdata);
  await writeFile(join(pgdata, "PG_VERSION"), "9\n");
  const { errors, exited } = fanfare(["start"], {});
  expect(await exited).toBe(1);
  expect(errors()).toMatch(
    /postgres was made by Postgres 9, and the embedded one is Postgres \d+: .*FANFARE_DATA_DIR.*\n$/,
  );
  expect(await readdir(pgdata)).toEqual(["PG_VERSION"]);
});

test("fanfare start whose reader goes away stops without a stack", async () => {
  const { child, output, errors, exited } = fanfare(["start"], {});
  await until(() => output().includes("Starting"));
  child.stdout.destroy();
  expect(await exited).toBe(0);
  expect(errors()).toBe("");
});

test("the URL of the API must have no password in it, which its error would show", async () => {
  const { output, exited } = fanfare(["accounts", "list"], { FANFARE_URL: "http://me:hush-secret@127.0.0.1:1" });
  expect(await exited).toBe(78);
  expect(output()).toContain("FANFARE_URL: must not have a user or a password");
  expect(output()).not.toContain("hush-secret");
});

test("fanfare start without its Redis ends with the reason", async () => {
  const { output, exited } = fanfare(["start"], { REDIS_URL: "redis://127.0.0.1:1" });
  expect(await exited).toBe(1);
  expect(output()).toMatch(/^Redis at 127\.0\.0\.1:1 can not be reached \(.*ECONNREFUSED.*\): .*REDIS_URL/m);
});

test("Ctrl-C while fanfare starts stops what it has started, and exits with 0", async () => {
  const { child, output, exited } = fanfare(["start"], {});
  await until(() => /apns-worker/.test(output()));
  child.kill("SIGINT");
  expect(await exited).toBe(0);
  expect(output()).toMatch(/Stopped before it had started\.|Stopped\./);
});

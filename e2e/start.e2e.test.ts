import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
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
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      output += String(data);
    });
    createInterface({ input: stream }).on("line", (line) => log.push(`${args[0]} ${line}`));
  }
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, output: () => output, exited };
}

test("fanfare start says where it is and that the simulator is the provider; Ctrl-C drains and exits with 0", async () => {
  const { child, output, exited } = fanfare(["start"], {});
  await until(() => /ready at (http:\/\/127\.0\.0\.1:\d+)/.test(output()));
  expect(output()).toMatch(/SIMULATOR: it stands in for FCM and APNs/);
  expect(output()).toMatch(/auth token [0-9a-f]{48}/);
  child.kill("SIGINT");
  expect(await exited).toBe(0);
  expect(output()).toContain("Stopped.");

  const again = fanfare(["start"], {});
  await until(() => again.output().includes("ready at"));
  expect(again.output()).not.toMatch(/auth token/);
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

test("a port that is taken ends the start with a message and 1, and leaves nothing running", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const { output, exited } = fanfare(["start"], { PORT: String(port) });
  const code = await exited;
  server.close();
  expect(code).toBe(1);
  expect(output()).toContain("EADDRINUSE");
  expect(output()).toContain("api could not be started");
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

test("the URL of the API must have no password in it, which its error would show", async () => {
  const { output, exited } = fanfare(["accounts", "list"], { FANFARE_URL: "http://me:hush-secret@127.0.0.1:1" });
  expect(await exited).toBe(78);
  expect(output()).toContain("FANFARE_URL: must not have a user or a password");
  expect(output()).not.toContain("hush-secret");
});

test("fanfare start without its Redis ends with the reason", async () => {
  const { output, exited } = fanfare(["start"], { REDIS_URL: "redis://127.0.0.1:1" });
  expect(await exited).toBe(1);
  expect(output()).toMatch(/The queue can not be reached: .*ECONNREFUSED 127\.0\.0\.1:1/);
});

test("Ctrl-C while fanfare starts stops what it has started, and exits with 0", async () => {
  const { child, output, exited } = fanfare(["start"], {});
  await until(() => /apns-worker/.test(output()));
  child.kill("SIGINT");
  expect(await exited).toBe(0);
  expect(output()).toMatch(/Stopped before it had started\.|Stopped\./);
});

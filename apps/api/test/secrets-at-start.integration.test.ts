import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { createTestDatabase, piecesIn, type TestDatabase } from "@fanfare/testkit";
import { startApiProcess } from "./api-process.js";
import { fcmContent, keys, runApi } from "./support.js";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));

let dataDir: string;
let database: TestDatabase;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "fanfare-secrets-"));
  database = await createTestDatabase();
});
afterAll(async () => {
  rmSync(dataDir, { recursive: true });
  await database.drop();
});

/** Starts the API with settings that it can not start with; what it printed, and its exit code. */
async function startInVain(env: Record<string, string>) {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH, PORT: "0", DATABASE_URL: database.url, FANFARE_DATA_DIR: dataDir, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { code, output: out + err };
}

const base64 = (content: string) => Buffer.from(content).toString("base64");
const bodyOf = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, "");
const body = bodyOf(keys.ecKey);
const rsaBody = bodyOf(keys.rsaKey);
const p8 = { APNS_KEY_ID: "ABCDEFGHIJ", APNS_TEAM_ID: "KLMNOPQRST", APNS_TOPIC: "com.example" };
/** What a setting is nothing without. */
const besides: Record<string, Record<string, string>> = {
  APNS_KEY: p8,
  FANFARE_AUTH_TOKEN: { FANFARE_ACCOUNT_ID: `AC${"0".repeat(32)}` },
};
const account = JSON.stringify(fcmContent());
const p384 = generateKeyPairSync("ec", { namedCurve: "secp384r1" }).privateKey.export({ type: "pkcs8", format: "pem" });

// Of each: the setting, its value, the secret in it, and what the one line about it says.
test.each([
  ["a signing key without its first line, cut off", "APNS_KEY", body.slice(0, 150), body, "a key that is cut off"],
  ["a signing key cut off amid PEM", "APNS_KEY", keys.ecKey.slice(0, 120), body, "its last line is missing"],
  ["base64 of a signing key, cut off", "APNS_KEY", base64(keys.ecKey).slice(0, 160), body, "its last line is missing"],
  ["the end of a signing key that begins as a path does", "APNS_KEY", `/${body.slice(9)}`, body, "no key"],
  ["a signing key on another curve", "APNS_KEY", String(p384), bodyOf(String(p384)), "on the curve secp384r1"],
  ["base64 of a service account, cut off", "FCM_SERVICE_ACCOUNT", base64(account).slice(0, 900), rsaBody, "cut off"],
  ["a service account, cut off", "FCM_SERVICE_ACCOUNT", `"${account.slice(0, -9)}"`, rsaBody, "cut off"],
  ["the key of a service account alone", "FCM_SERVICE_ACCOUNT", keys.rsaKey, rsaBody, "PEM, not JSON"],
  ["a master key that is too short", "FANFARE_MASTER_KEY", `"${rsaBody.slice(0, 30)}"`, rsaBody, "must be 32 bytes"],
  ["an auth token that is too short", "FANFARE_AUTH_TOKEN", "hush-secret", "hush-secret", "16 characters"],
  [
    "a database's password with a slash",
    "DATABASE_URL",
    "postgres://u:pa/ss-hush-secret@db/f",
    "ss-hush-secret",
    "a URL",
  ],
  ["a queue's password with a slash", "REDIS_URL", "redis://u:pa/ss-hush-secret@db", "ss-hush-secret", "a URL"],
])(
  "%s ends the start with 78 and one line, which names the setting and how long it is",
  async (_what, name, value, secret, says) => {
    const { code, output } = await startInVain({ ...besides[name], [name]: value });
    expect(piecesIn(output, secret)).toEqual([]);
    const lines = output.trim().split("\n");
    expect([code, lines]).toEqual([78, ["The configuration is not valid:", expect.stringContaining(`  ${name}: `)]]);
    expect(lines[1]).toContain(says);
    expect(lines[1]).toContain(`${value.length} characters`);
  },
);

test.each([
  ["as base64", base64(keys.ecKey), base64(account)],
  ["with escaped line ends, in quotes", `"${keys.ecKey.replaceAll("\n", "\\n")}"`, JSON.stringify(account)],
  ["with a byte order mark", `\ufeff${keys.ecKey.replaceAll("\n", "\r\n")}`, `\ufeff${account}`],
])("keys %s start it, and are not in its most talkative log", async (_form, APNS_KEY, FCM_SERVICE_ACCOUNT) => {
  const seeded = await runApi();
  const settings = { ...p8, APNS_KEY, FCM_SERVICE_ACCOUNT, LOG_LEVEL: "trace", DATABASE_URL: seeded.databaseUrl };
  const api = await startApiProcess(seeded, { ...settings, FANFARE_DATA_DIR: seeded.dataDir });
  const { body: made } = await seeded.call("GET", "/v1/PushNotifications/Apps");
  expect(made.apps[0].defaultCredentials).toMatchObject([{ credentialType: "FCM" }, { credentialType: "APN" }]);
  await api.close();
  for (const secret of [body, rsaBody]) expect(piecesIn(api.output(), secret)).toEqual([]);
  await seeded.close();
});

test("of the key in a service account the length is told, and what is wrong with it", async () => {
  const cut = JSON.stringify(fcmContent({ private_key: keys.rsaKey.slice(0, 1_000) }));
  const { code, output } = await startInVain({ FCM_SERVICE_ACCOUNT: cut });
  expect([code, piecesIn(output, rsaBody)]).toEqual([78, []]);
  expect(output).toMatch(
    / {2}FCM_SERVICE_ACCOUNT: private_key must be .*; these 1000 characters are a key that is cut off/,
  );
});

test("a file that holds no key is named, and nothing of what is in it", async () => {
  const file = join(dataDir, "AuthKey.p8");
  writeFileSync(file, keys.ecKey.replace(/-----[A-Z ]+-----/g, "").slice(0, 100));
  const { code, output } = await startInVain({ ...p8, APNS_KEY: file });
  expect([code, piecesIn(output, body)]).toEqual([78, []]);
  expect(output).toContain(`(read from the file ${file})`);
});

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { EXAMPLE } from "@fanfare/domain";
import { transform } from "esbuild";
import { stack } from "./stack.js";

// Each sample of code that the reference shows, run as whoever copies it would.

const pushes = "/v1/PushNotifications";
const run = promisify(execFile);
const main = fileURLToPath(new URL("../../apps/cli/dist/main.js", import.meta.url));

/** How samples of a language are run: as a program and its arguments. */
const PROGRAMS: Record<string, (source: string) => Promise<string[]>> = {
  curl: async (source) => ["sh", "-c", `${source.replace("curl", "curl --fail-with-body -sS")}`],
  TypeScript: async (source) => {
    const { code } = await transform(source, { loader: "ts", format: "esm" });
    return [process.execPath, "--input-type=module", "--eval", code];
  },
  CLI: async (source) => ["sh", "-c", source.replace("npx --no -- fanfare", `'${process.execPath}' '${main}'`)],
};

interface Sample {
  operationId: string;
  method: string;
  label: string;
  source: string;
}

/** What has to be there for the one before: what is deleted, revoked or suspended goes last. */
const ORDER = ["post", "get", "patch", "delete"];

async function samplesIn(language: string): Promise<Sample[]> {
  const { body: document } = await stack.call("GET", "/openapi.json");
  const samples = Object.values<object>(document.paths).flatMap((methods) =>
    Object.entries(methods).map(([method, operation]): Sample => {
      const { operationId, "x-codeSamples": all } = operation;
      const sample = all.find(({ label }: Sample) => label === language);
      return { ...sample, operationId, method };
    }),
  );
  const isLast = ({ operationId }: Sample) => operationId === "updateAccount";
  return samples.sort(
    (a, b) => Number(isLast(a)) - Number(isLast(b)) || ORDER.indexOf(a.method) - ORDER.indexOf(b.method),
  );
}

/** An account with one of each resource that samples name; what they say of it, and what it is here. */
async function aWorld() {
  const { adminPassword } = stack.credentials;
  const account = (await stack.call("POST", "/v1/Accounts", { name: "samples" }, `admin:${adminPassword}`)).body;
  const post = async (path: string, body: object) =>
    (await stack.call("POST", path, body, `${account.id}:${account.authToken}`)).body;
  const file = (name: string) => readFileSync(join(stack.dataDir, "simulator", name), "utf8");
  const { apnsKeyId: keyId, apnsTeamId: teamId, apnsTopic: bundleId } = JSON.parse(file("simulator.json"));
  const apnsKey = file("apns-key.p8");
  const { appName } = EXAMPLE;
  const content = { fcm: JSON.parse(file("fcm-service-account.json")), apn: { key: apnsKey, keyId, teamId, bundleId } };
  const credential = await post(`${pushes}/Credentials`, { credentialType: "FCM", appName, content: content.fcm });
  await post(`${pushes}/Credentials`, { credentialType: "APN", appName, content: content.apn });
  const { userId, deviceRegistrations } = await post(`${pushes}/DeviceRegistrations`, {
    appName,
    devices: [{ provider: "FCM", token: "a-device" }],
  });
  const { operationId } = await post(pushes, {
    to: [{ provider: "FCM", token: "a-phone" }],
    content: { title: "Boarding" },
    // What is sent already can not be canceled.
    schedule: { sendAt: new Date(Date.now() + 86_400_000).toISOString() },
  });
  const key = await post(`/v1/Accounts/${account.id}/Keys`, { name: "samples", scopes: ["send"] });
  const { ids } = EXAMPLE;
  return {
    env: {
      ...{ PATH: process.env.PATH, FANFARE_URL: stack.url, FANFARE_DATA_DIR: stack.dataDir },
      ...{ FANFARE_ACCOUNT_ID: account.id, FANFARE_AUTH_TOKEN: account.authToken },
      FANFARE_ADMIN_PASSWORD: adminPassword,
    },
    instead: new Map<string, string>([
      [ids.account, account.id],
      [ids.apiKey, key.id],
      [ids.operation, operationId],
      [ids.notification, `${operationId.replace("operation", "notification").slice(0, -1)}1`],
      [ids.credential, credential.resourceId],
      [ids.device_registration, deviceRegistrations[0].id],
      [ids.pushnotificationuser, userId],
    ]),
    apnsKey,
  };
}

/** What went wrong with the samples of a language. */
async function failuresOf(language: string): Promise<string[]> {
  const { env, instead, apnsKey } = await aWorld();
  const failed: string[] = [];
  const samples = await samplesIn(language);
  expect(samples.length).toBeGreaterThan(35);
  for (const { operationId, source } of samples) {
    let here = source;
    for (const [example, own] of instead) here = here.replaceAll(example, own);
    // The key of the sample is cut short.
    here = here.replaceAll(EXAMPLE_KEY, JSON.stringify(apnsKey).slice(1, -1));
    const [program = "", ...args] = (await PROGRAMS[language]?.(here)) ?? [];
    const { stdout } = await run(program, args, { env }).catch(({ stderr, stdout }) => ({
      stdout: `${stderr}${stdout}`,
    }));
    const isAnswer = /^(delete|revoke)/.test(operationId) ? /^(204)?\s*$/ : /^(\s*\{|retry:)/;
    if (!isAnswer.test(stdout)) failed.push(`${operationId}: ${stdout}\n${here}`);
  }
  return failed;
}

test("each sample of code does what it says", async () => {
  const failures = await Promise.all(Object.keys(PROGRAMS).map(failuresOf));
  expect(failures.flat()).toEqual([]);
});

/** As it stands in JSON, and in JavaScript. */
const EXAMPLE_KEY = String.raw`-----BEGIN PRIVATE KEY-----\nMIGT…\n-----END PRIVATE KEY-----\n`;

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { patient, someRecipients, until } from "@fanfare/testkit";
import { anApnContent, anFcmContent, foreignRsaKey, knownToApple, knownToGoogle } from "../support/customers.js";
import { stack } from "./stack.js";

const path = "/v1/PushNotifications";

async function addCredential(credentialType: string, content: object, appName = "verified"): Promise<string> {
  const { status, body } = await stack.call("POST", `${path}/Credentials`, { credentialType, appName, content });
  expect([status, body]).toEqual([201, expect.anything()]);
  return body.resourceId as string;
}

async function verify(credentialType: string, content: object) {
  const id = await addCredential(credentialType, content);
  const { status, body } = await stack.call("POST", `${path}/Credentials/${id}/Verify`);
  expect(status).toBe(200);
  await stack.call("DELETE", `${path}/Credentials/${id}`);
  return body as { status: string; wrong: string[]; providerCode: string | null; detail: string };
}

describe("Verify asks the provider, and says what is wrong", () => {
  const valid = { status: "VALID", wrong: [] };

  test("nothing, of the keys of the settings", async () => {
    const { body } = await stack.call("GET", `${path}/Credentials`);
    expect(body.credentials).toHaveLength(2);
    for (const { id } of body.credentials) {
      expect((await stack.call("POST", `${path}/Credentials/${id}/Verify`)).body).toMatchObject(valid);
    }
    const last = await stack.received("0".repeat(64));
    expect(last.map(({ provider, outcome }) => [provider, outcome]).sort()).toEqual([
      ["APN", "400 BadDeviceToken"],
      ["FCM", "400 INVALID_ARGUMENT"],
    ]);
  });

  test("APNs: a key that Apple does not know, or whose key id or team id is another", async () => {
    const known = anApnContent();
    await knownToApple(stack, known);
    expect(await verify("APN", known)).toMatchObject(valid);
    const invalid = {
      status: "INVALID",
      wrong: ["key", "keyId", "teamId"],
      providerCode: "InvalidProviderToken",
      detail: "The key, key id or team id is wrong, or the key was revoked.",
    };
    expect(await verify("APN", anApnContent())).toEqual(invalid);
    expect(await verify("APN", { ...known, keyId: "ZZZZZZZZZZ" })).toEqual(invalid);
    expect(await verify("APN", { ...known, teamId: "ZZZZZZZZZZ" })).toEqual(invalid);
  });

  test("APNs: the environment", async () => {
    const sandboxed = anApnContent();
    await knownToApple(stack, sandboxed, { environment: "sandbox" });
    expect(await verify("APN", sandboxed)).toMatchObject({ status: "INVALID", wrong: ["environment"] });
    expect(await verify("APN_SANDBOX", sandboxed)).toMatchObject(valid);
  });

  test("APNs: the topic", async () => {
    const scoped = anApnContent();
    await knownToApple(stack, scoped, { topics: ["com.example.other"] });
    const found = await verify("APN", scoped);
    expect(found).toMatchObject({ status: "INVALID", wrong: expect.arrayContaining(["bundleId"]) as unknown });
    expect(await verify("APN", { ...scoped, bundleId: "com.example.other" })).toMatchObject(valid);
  });

  test("FCM: the key, the project, the permission", async () => {
    const known = anFcmContent();
    await knownToGoogle(stack, known);
    expect(await verify("FCM", known)).toMatchObject(valid);
    expect(await verify("FCM", anFcmContent())).toMatchObject({
      ...{ status: "INVALID", wrong: ["key"], providerCode: "invalid_grant" },
      detail: "Google refused the service account (invalid_grant: Invalid grant: account not found).",
    });
    expect(await verify("FCM", { ...known, private_key: foreignRsaKey })).toMatchObject({
      ...{ status: "INVALID", wrong: ["key"], providerCode: "invalid_grant" },
    });
    expect(await verify("FCM", { ...known, project_id: "nowhere" })).toMatchObject({
      ...{ status: "INVALID", wrong: ["projectId"], providerCode: "NOT_FOUND" },
    });
    const forbidden = anFcmContent();
    await knownToGoogle(stack, forbidden, { allowed: false });
    expect(await verify("FCM", forbidden)).toMatchObject({
      ...{ status: "INVALID", wrong: ["permission", "projectId"], providerCode: "PERMISSION_DENIED" },
    });
  });

  test("of another account's credential, or none, it is a 404", async () => {
    const nobody = "comms_credential_01h2xcejqtf2nbrexx00000000";
    expect((await stack.call("POST", `${path}/Credentials/${nobody}/Verify`)).status).toBe(404);
  });
});

test("credentials replaced during a send to 4,000: no failure, no restart, and the old keys are not used any more", async () => {
  const [apn, newApn] = [anApnContent(), anApnContent()];
  const [fcm, newFcm] = [anFcmContent(), anFcmContent()];
  for (const content of [apn, newApn]) await knownToApple(stack, content);
  for (const content of [fcm, newFcm]) await knownToGoogle(stack, content);
  const ids = { fcm: await addCredential("FCM", fcm, "rotated"), apn: await addCredential("APN", apn, "rotated") };
  const pids = ["fcm-worker", "apns-worker"].map((name) => stack.apps.get(name)?.pid);
  // FCM's connections take 800 at once: the others wait until those are answered.
  const to = someRecipients(4_000).map(({ provider, token }) => ({ provider, token: `slow-1500-rotated-${token}` }));
  const { operationId } = await stack.api.send({ to, content: { title: "x" }, from: { appName: "rotated" } });
  await until(async () => (await stack.api.operation(operationId)).stats.sent > 0);
  for (const [id, content] of [
    [ids.fcm, newFcm],
    [ids.apn, newApn],
  ] as const) {
    expect((await stack.call("PATCH", `${path}/Credentials/${id}`, { content })).status).toBe(200);
  }
  const { sent: sentAtChange } = (await stack.api.operation(operationId)).stats;
  const stats = await stack.completed(operationId);
  expect(sentAtChange).toBeLessThan(4_000);
  expect(stats).toMatchObject({ sent: 4_000, failed: 0, undelivered: 0, attempts: 4_000 });
  // The old keys are no good any more: what is sent now shows which keys are in use.
  await knownToApple(stack, { ...apn, key: anApnContent().key });
  await knownToGoogle(stack, { ...fcm, private_key: foreignRsaKey });
  const after = await stack.api.send({
    to: someRecipients(100),
    content: { title: "x" },
    from: { appName: "rotated" },
  });
  expect(await stack.completed(after.operationId)).toMatchObject({ sent: 100, attempts: 100 });
  expect(["fcm-worker", "apns-worker"].map((name) => stack.apps.get(name)?.pid)).toEqual(pids);
});

test("a change is in use in running workers within two seconds", async () => {
  const [wrong, right] = [anApnContent(), anApnContent()];
  await knownToApple(stack, right);
  const id = await addCredential("APN", wrong, "mended");
  const body = { to: [{ provider: "APN", token: "mended" }], content: { title: "x" }, from: { appName: "mended" } };
  const { operationId } = await stack.api.send(body);
  await until(async () => (await stack.api.operation(operationId)).stats.attempts > 0);
  await stack.call("PATCH", `${path}/Credentials/${id}`, { content: right });
  const changedAt = performance.now();
  let number = 2;
  await until(async (see) => {
    const { operationId: next } = await stack.api.send({
      ...body,
      to: [{ provider: "APN", token: `mended-${number++}` }],
    });
    const { sent, attempts } = see(await stack.completed(next));
    return sent === 1 && attempts === 1;
  });
  expect(performance.now() - changedAt).toBeLessThan(patient(2_000));
});

test("100 apps at once work in one worker, each with its own key and topic", async () => {
  const apps = Array.from({ length: 100 }, (_, index) => ({
    name: `app_${index}`,
    apn: anApnContent({ bundleId: `com.example.app${index}` }),
    fcm: anFcmContent({ project_id: `project-${index}` }),
  }));
  for (const { name, apn, fcm } of apps) {
    await knownToApple(stack, apn, { topics: [apn.bundleId] });
    await knownToGoogle(stack, fcm);
    await addCredential("APN", apn, name);
    await addCredential("FCM", fcm, name);
  }
  const sent = await Promise.all(
    apps.map(({ name }) => {
      const to = ["FCM", "APN"].map((provider) => ({ provider, token: `of-${name}` }));
      return stack.api.send({ to, content: { title: name }, from: { appName: name } });
    }),
  );
  for (const { operationId } of sent) {
    expect(await stack.completed(operationId)).toMatchObject({ sent: 2, attempts: 2 });
  }
  for (const { name, apn } of apps) {
    const request = (await stack.received(`of-${name}`)).find(({ provider }) => provider === "APN");
    expect(request?.headers["apns-topic"]).toBe(apn.bundleId);
  }
});

test("the master key is rotated by a command, under running processes; the old key opens nothing any more", async () => {
  const file = join(stack.dataDir, "master.key");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const before = readFileSync(file, "utf8");
  const keyIds = async () =>
    new Set((await stack.db.credential.findMany()).map(({ sealed }) => (sealed as { keyId: string }).keyId));
  const [oldKeyId] = await keyIds();
  const main = fileURLToPath(new URL("../../apps/cli/dist/main.js", import.meta.url));
  const rotateIn = (dataDir: string) =>
    promisify(execFile)(process.execPath, [main, "rotate-master-key"], {
      env: { PATH: process.env.PATH, FANFARE_DATA_DIR: dataDir, DATABASE_URL: stack.databaseUrl },
    });
  // Of another installation, under whose key nothing is: no key is made there.
  const elsewhere = mkdtempSync(join(tmpdir(), "fanfare-elsewhere-"));
  const otherKey = `${randomBytes(32).toString("base64")}\n`;
  writeFileSync(join(elsewhere, "master.key"), otherKey);
  const refusal = expect.stringMatching(
    /^Provider keys are encrypted under the master key with the id .*FANFARE_MASTER_KEY.*\n$/,
  );
  await expect(rotateIn(elsewhere)).rejects.toMatchObject({ code: 78, stderr: refusal });
  expect(readFileSync(join(elsewhere, "master.key"), "utf8")).toBe(otherKey);
  rmSync(elsewhere, { recursive: true });
  expect(await keyIds()).toEqual(new Set([oldKeyId]));
  const { stdout } = await rotateIn(stack.dataDir);
  expect(stdout).toMatch(/\d+ of \d+ credentials were put under the new master key/);
  const after = readFileSync(file, "utf8");
  expect(after).not.toContain(before.trim());
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const ids = await keyIds();
  expect(ids.size).toBe(1);
  expect(ids.has(oldKeyId as string)).toBe(false);
  stack.signal("SIGKILL", "apns-worker");
  const content = anApnContent();
  await knownToApple(stack, content);
  await addCredential("APN", content, "after_rotation");
  for (const appName of ["after_rotation", "rotated"]) {
    const { operationId } = await stack.api.send({
      to: [{ provider: "APN", token: `key-${appName}` }],
      content: { title: "x" },
      from: { appName },
    });
    expect(await stack.completed(operationId)).toMatchObject({ sent: 1 });
  }
});

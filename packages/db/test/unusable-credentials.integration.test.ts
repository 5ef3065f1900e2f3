import { generateKeyPairSync, randomBytes } from "node:crypto";
import {
  createAccount,
  createCredential,
  loadCredential,
  replaceEnvironmentCredential,
  updateCredential,
  wakeBatchesOf,
} from "@fanfare/db";
import type { CredentialContent } from "@fanfare/domain";
import { aFannedOutOperation, aStore, useDatabase } from "./support.js";

const used = useDatabase();
const keyring = { current: randomBytes(32), previous: [] };
const pem = { type: "pkcs8", format: "pem" } as const;
const rsaKey = generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey.export(pem).toString();
const content = { project_id: "p", client_email: "a@b.c", private_key: rsaKey };

async function aCredential() {
  const { id: accountId } = await createAccount(used.db, "one", randomBytes(32));
  const limits = { appsPerAccount: 10, credentialsPerApp: 10 };
  const created = await createCredential(used.db, keyring, accountId, { type: "FCM", appName: "app", content }, limits);
  if (created.kind !== "created") throw new Error("not created");
  return { accountId, id: created.credential.id };
}

const store = (id: string, stored: object, keys = keyring) =>
  replaceEnvironmentCredential(used.db, keys, id, stored as CredentialContent["content"]);

async function refusal(id: string) {
  const error = (await loadCredential(used.db, keyring, id).catch((caught: Error) => caught)) as Error;
  expect([error.name, error.cause]).toEqual(["UnusableCredentialError", undefined]);
  expect(error.message).not.toContain(rsaKey.split("\n")[1]);
  return error;
}

test("a credential of a master key that is not at hand is unreadable, and said to be so", async () => {
  const { id } = await aCredential();
  await store(id, content, { current: randomBytes(32), previous: [] });
  expect(await refusal(id)).toMatchObject({
    code: "CREDENTIAL_UNREADABLE",
    message: "It was stored under a master key that the worker does not have.",
  });
});

test("one whose envelope was changed is unreadable", async () => {
  const { id } = await aCredential();
  await used.db.$executeRaw`update credentials set sealed = '{"v":1}'::jsonb where id = ${id}::uuid`;
  expect(await refusal(id)).toMatchObject({ code: "CREDENTIAL_UNREADABLE" });
});

test("one that lacks a field is unreadable, and the field is named", async () => {
  const { id } = await aCredential();
  await store(id, { private_key: rsaKey, client_email: "a@b.c" });
  expect(await refusal(id)).toMatchObject({
    code: "CREDENTIAL_UNREADABLE",
    message: "What is stored of it is not of its form: project_id.",
  });
});

test("a key is handed on as it is stored, whatever it is worth", async () => {
  const { id } = await aCredential();
  const cutOff = rsaKey.slice(0, 200);
  await store(id, { ...content, private_key: cutOff });
  expect((await loadCredential(used.db, keyring, id))?.content).toMatchObject({ private_key: cutOff });
});

test("a changed credential makes due what waits for it, and nothing else", async () => {
  const { id, accountId } = await aCredential();
  const later = new Date(Date.now() + 60_000);
  const reason = { code: "KEY_CAN_NOT_SIGN", detail: "Its key can not sign." };
  const sender = { appId: null, credentials: { FCM: id, APN: null } };
  const waiting = await aFannedOutOperation(used.db, 1, {}, sender);
  const retried = await aFannedOutOperation(used.db, 1, {}, sender);
  const another = await aFannedOutOperation(used.db, 1);
  for (const operation of [waiting, retried, another]) {
    const [batch] = await aStore(used.db).lease(operation.batchIds);
    if (!batch) throw new Error("not leased");
    const isRetried = operation === retried;
    await aStore(used.db).release(batch, { dueAt: later, untried: !isRetried, ...(!isRetried && { reason }) });
  }
  await updateCredential(used.db, keyring, accountId, id, { content });
  await wakeBatchesOf(used.db, id);
  const all = [...waiting.batchIds, ...retried.batchIds, ...another.batchIds];
  expect((await aStore(used.db).lease(all)).map((batch) => batch.id)).toEqual(waiting.batchIds);
});

import { randomBytes } from "node:crypto";
import {
  createAccount,
  createCredential,
  holdRecipientBatches,
  newDeliveryBatch,
  redriveOperation,
  replaceByFannedOut,
} from "@fanfare/db";
import { mintRowId } from "@fanfare/domain";
import { aMessage } from "@fanfare/testkit";
import { accept, accountId, aFannedOutOperation, aRecord, aStore, useDatabase } from "./support.js";

const used = useDatabase();

/** Ids of credentials that are nobody's: what a batch says of its own needs no more. */
const aSender = () => ({ appId: mintRowId(), credentials: { FCM: mintRowId(), APN: mintRowId() } });

const batchesOf = (operationId: string) =>
  used.db.deliveryBatch.findMany({ where: { operationId }, select: { provider: true, credentialId: true } });

async function leased(batchIds: readonly string[]) {
  const [batch] = await aStore(used.db).lease(batchIds);
  if (!batch) throw new Error("not leased");
  return batch;
}

test("a batch belongs to the credential that its operation has for its provider", async () => {
  const sender = aSender();
  const { id, batchIds } = await aFannedOutOperation(used.db, 3, {}, sender);
  expect(await batchesOf(id)).toEqual([{ provider: "FCM", credentialId: sender.credentials.FCM }]);
  const batch = await leased(batchIds);
  await aStore(used.db).split(
    batch,
    batch.lines.map((line) => [line]),
  );
  expect(await batchesOf(id)).toEqual(Array(3).fill({ provider: "FCM", credentialId: sender.credentials.FCM }));
});

test("what is redriven belongs to it again", async () => {
  const sender = aSender();
  const { id, batchIds } = await aFannedOutOperation(used.db, 1, {}, sender);
  const batch = await leased(batchIds);
  const [line] = batch.lines;
  if (!line) throw new Error("no line");
  await aStore(used.db).record([aRecord(batch, line, { status: "FAILED", errorCode: "EXPIRED" })]);
  expect(await batchesOf(id)).toEqual([]);
  expect(await redriveOperation(used.db, id, ["EXPIRED"])).toEqual({ kind: "redriven", accountId, notifications: 1 });
  expect(await batchesOf(id)).toEqual([{ provider: "FCM", credentialId: sender.credentials.FCM }]);
});

test("a fallback at another provider belongs to that one's credential", async () => {
  const sender = aSender();
  const addresses = [
    { provider: "FCM" as const, token: "first" },
    { provider: "APN" as const, token: "second" },
  ];
  const recipients = [{ addresses, policy: "first" as const }];
  const { id, batches } = await accept(used.db, { accountId, message: aMessage(), tags: {}, recipients, sender });
  const [source] = await holdRecipientBatches(
    used.db,
    batches.map((batch) => batch.id),
    60_000,
  );
  if (!source) throw new Error("not held");
  const first = newDeliveryBatch(source.operation, "FCM", [{ ordinal: 1, token: "first", position: 0 }], true);
  const states = addresses.map((address, position) => ({
    ...address,
    status: position === 0 ? ("QUEUED" as const) : ("SCHEDULED" as const),
  }));
  const notifications = [{ ordinal: 1, status: "QUEUED" as const, policy: "FIRST" as const, addresses: states }];
  await replaceByFannedOut(used.db, new Map([[source, { deliveryBatches: [first], notifications, unaddressable: 0 }]]));
  const batch = await leased([first.id]);
  const [line] = batch.lines;
  if (!line) throw new Error("no line");
  const attempt = { outcome: "REJECTED" as const, blame: "token" as const, mayRepeat: false, latencyMs: 5 };
  await aStore(used.db).record([
    aRecord(batch, line, {
      status: "FAILED",
      errorCode: "UNREGISTERED",
      attempt: { ...attempt, startedAt: new Date() },
    }),
  ]);
  expect(await batchesOf(id)).toEqual([{ provider: "APN", credentialId: sender.credentials.APN }]);
});

async function aCredential() {
  const { id: owner } = await createAccount(used.db, "one", randomBytes(32));
  const keyring = { current: randomBytes(32), previous: [] };
  const limits = { appsPerAccount: 10, credentialsPerApp: 10 };
  const content = { project_id: "p", client_email: "a@b.c", private_key: "none" };
  const created = await createCredential(used.db, keyring, owner, { type: "FCM", appName: "app", content }, limits);
  if (created.kind !== "created") throw new Error("not created");
  return created.credential.id;
}

test("what is leased is sent with the batch's own credential, and of a batch of the previous release with its operation's", async () => {
  const [own, ofOperation] = [await aCredential(), await aCredential()];
  const sender = { appId: mintRowId(), credentials: { FCM: ofOperation, APN: null } };
  const { id, batchIds } = await aFannedOutOperation(used.db, 1, {}, sender);
  await used.db.deliveryBatch.updateMany({ where: { operationId: id }, data: { credentialId: own } });
  const first = await leased(batchIds);
  expect(first.credential).toEqual({ id: own, version: 1, type: "FCM" });
  await aStore(used.db).release(first, { dueAt: new Date(), untried: true });
  await used.db.deliveryBatch.updateMany({ where: { operationId: id }, data: { credentialId: null } });
  expect((await leased(batchIds)).credential).toEqual({ id: ofOperation, version: 1, type: "FCM" });
});

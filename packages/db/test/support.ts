import {
  type AcceptedOperation,
  acceptOperation,
  connectDb,
  createProviderStore,
  type Db,
  type FannedOut,
  holdRecipientBatches,
  type NewDeliveryBatch,
  type NewOperation,
  newDeliveryBatch,
  type OperationSender,
  recountOperation,
  replaceByFannedOut,
} from "@fanfare/db";
import type { DeliveryLine, LeasedBatch, LineRecord, PushMessage } from "@fanfare/domain";
import { mintRowId } from "@fanfare/domain";
import { aMessage, createTestDatabase, someRecipients } from "@fanfare/testkit";

export const accountId = mintRowId();

/** A database for the tests of one file, dropped after them. */
export function useDatabase(): { db: Db; url: string } {
  const used = {} as { db: Db; url: string };
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const database = await createTestDatabase();
    drop = database.drop;
    used.url = database.url;
    used.db = connectDb(database.url);
  });
  afterAll(async () => {
    await used.db?.$disconnect();
    await drop?.();
  });
  return used;
}

/** Accepts an operation and fans it out: everything to FCM, one delivery batch per recipient batch. */
export async function aFannedOutOperation(
  db: Db,
  count: number,
  message: Partial<PushMessage> = {},
  sender?: OperationSender,
) {
  const recipients = someRecipients(count).map(({ token }) => ({ provider: "FCM" as const, token }));
  const { id, batches } = await accept(db, {
    ...{ accountId, message: aMessage(message), tags: {}, recipients },
    ...(sender && { sender }),
  });
  const read = await holdRecipientBatches(
    db,
    batches.map((batch) => batch.id),
    60_000,
  );
  const made = new Map(
    read.map((batch) => {
      const lines = batch.recipients.map((recipient, index) => ({
        ordinal: batch.firstOrdinal + index,
        token: "token" in recipient ? recipient.token : "",
      }));
      return [batch, fannedOut([newDeliveryBatch(batch.operation, "FCM", lines)])] as const;
    }),
  );
  await replaceByFannedOut(db, made);
  return {
    id,
    batchIds: [...made.values()].flatMap(({ deliveryBatches }) => deliveryBatches.map((batch) => batch.id)),
  };
}

/** Accepts an operation to one recipient with several addresses, all of which are to be sent to, and fans it out. */
export async function anAddressedOperation(db: Db, ...tokens: string[]) {
  const addresses = tokens.map((token) => ({ provider: "FCM" as const, token }));
  const recipients = [{ addresses, policy: "all" as const }];
  const { id, batches } = await accept(db, { accountId, message: aMessage(), tags: {}, recipients });
  const ids = batches.map((batch) => batch.id);
  const [source] = await holdRecipientBatches(db, ids, 60_000);
  if (!source) throw new Error("not held");
  const lines = tokens.map((token, position) => ({ ordinal: 1, token, position }));
  const deliveryBatch = newDeliveryBatch(source.operation, "FCM", lines, true);
  const queued = addresses.map((address) => ({ ...address, status: "QUEUED" as const }));
  const notifications = [{ ordinal: 1, status: "QUEUED" as const, policy: "ALL" as const, addresses: queued }];
  const made = { deliveryBatches: [deliveryBatch], notifications, unaddressable: 0 };
  await replaceByFannedOut(db, new Map([[source, made]]));
  return { id, batchIds: [deliveryBatch.id] };
}

/** What fan-out makes of recipients that all have one usable address. */
export const fannedOut = (deliveryBatches: NewDeliveryBatch[]): FannedOut => ({
  deliveryBatches,
  notifications: [],
  unaddressable: 0,
});

/** Accepts an operation that nothing stands in the way of. */
export async function accept(db: Db, operation: NewOperation): Promise<AcceptedOperation> {
  const result = await acceptOperation(db, operation);
  if (result.kind !== "accepted") throw new Error(`The operation is ${result.kind}.`);
  return result;
}

export const aStore = (db: Db, holder = "worker-1", leaseMs = 30_000) =>
  createProviderStore(db, { provider: "FCM", holder, leaseMs });

/** The record of an accepted first attempt, or what is given instead. */
export function aRecord(lease: LeasedBatch, line: DeliveryLine, fields: Partial<LineRecord> = {}): LineRecord {
  const attempt = { outcome: "ACCEPTED" as const, mayRepeat: false, latencyMs: 5, startedAt: new Date() };
  return { lease, line, isNew: true, status: "SENT", attempts: 1, attempt, ...fields };
}

/** Fails unless an operation's counters equal a recount of its rows. */
export async function expectCountersToEqualRows(db: Db, operationId: string) {
  const { counters, rows } = await recountOperation(db, operationId);
  expect(counters).toEqual(rows);
  return counters;
}

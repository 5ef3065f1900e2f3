import {
  acceptOperation,
  connectDb,
  createProviderStore,
  type Db,
  newDeliveryBatch,
  readRecipientBatches,
  recountOperation,
  replaceByDeliveryBatches,
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
export async function aFannedOutOperation(db: Db, count: number, message: Partial<PushMessage> = {}) {
  const recipients = someRecipients(count).map(({ token }) => ({ provider: "FCM" as const, token }));
  const { id, batches } = await acceptOperation(db, { accountId, message: aMessage(message), tags: {}, recipients });
  const read = await readRecipientBatches(
    db,
    batches.map((batch) => batch.id),
  );
  const made = new Map(
    read.map((batch) => {
      const lines = batch.recipients.map(({ token }, index) => ({ ordinal: batch.firstOrdinal + index, token }));
      return [batch, [newDeliveryBatch(id, "FCM", lines)]] as const;
    }),
  );
  await replaceByDeliveryBatches(db, made);
  return { id, batchIds: [...made.values()].flat().map((batch) => batch.id) };
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

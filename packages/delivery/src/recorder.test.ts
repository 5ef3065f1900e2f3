import { type LineRecord, leaseKey } from "@fanfare/domain";
import { until } from "@fanfare/testkit";
import { jest } from "@jest/globals";
import { createRecorder } from "./recorder.js";

const aRecord = (ordinal: number, fields: Partial<LineRecord> = {}): LineRecord => ({
  lease: { id: "batch", epoch: 1, operationId: "operation-1" },
  line: { ordinal, token: `t${ordinal}` },
  isNew: true,
  status: "SENT",
  attempts: 1,
  attempt: { outcome: "ACCEPTED", mayRepeat: false, latencyMs: 5, startedAt: new Date(), providerMessageId: "m" },
  ...fields,
});

/** A database that refuses each statement with a record that `refuses` names, or fails with it for another reason. */
function aStore(refuses: (record: LineRecord) => boolean, failure: "refused" | "permanent" = "refused") {
  const written: LineRecord[] = [];
  let statements = 0;
  return {
    written,
    statements: () => statements,
    async record(records: readonly LineRecord[]) {
      statements++;
      if (records.some(refuses)) throw new RangeError("22003");
      written.push(...records);
      return new Set(records.map(({ lease }) => leaseKey(lease)));
    },
    failureOf: () => failure,
  };
}

async function recordAll(store: ReturnType<typeof aStore>, records: readonly LineRecord[]) {
  const errors: unknown[] = [];
  const recorder = createRecorder(store, { onError: (error) => errors.push(error) });
  const held = await Promise.all(
    records.map((record) => new Promise<boolean>((resolve) => recorder.add(record, resolve))),
  );
  return { held, errors };
}

const byOrdinal = (a: LineRecord, b: LineRecord) => a.line.ordinal - b.line.ordinal;

test("what the database refuses is found, and told without the provider's details; its neighbours are recorded as they are", async () => {
  const store = aStore(({ line, attempt }) => line.ordinal === 321 && attempt?.httpStatus !== undefined);
  const records = Array.from({ length: 1_000 }, (_, index) => {
    const attempt = {
      outcome: "ACCEPTED" as const,
      mayRepeat: false,
      httpStatus: 200,
      latencyMs: 5,
      startedAt: new Date(),
    };
    return aRecord(index + 1, { attempt });
  });
  const { held, errors } = await recordAll(store, records);
  expect(held).toEqual(records.map(() => true));
  expect(errors.length).toBeGreaterThan(0);
  const written = store.written.sort(byOrdinal);
  expect(written).toHaveLength(1_000);
  expect(written[320]).toMatchObject({ status: "SENT", attempts: 1, attempt: { outcome: "ACCEPTED" } });
  expect(written[320]?.attempt).not.toHaveProperty("httpStatus");
  expect(written.filter((_, index) => index !== 320)).toEqual(records.filter((_, index) => index !== 320));
  // Ten halvings of two statements each, and the other form: not one statement a record.
  expect(store.statements()).toBeLessThan(30);
});

test("a record that is refused without its details too fails, with a code", async () => {
  const store = aStore(({ line, status }) => line.ordinal === 2 && status !== "FAILED");
  await recordAll(store, [aRecord(1), aRecord(2), aRecord(3)]);
  expect(store.written.sort(byOrdinal).map(({ status, errorCode }) => [status, errorCode])).toEqual([
    ["SENT", undefined],
    ["FAILED", "RECORD_REFUSED"],
    ["SENT", undefined],
  ]);
});

test("a record of which nothing can be said is given up, and holds up nobody", async () => {
  const store = aStore(({ line }) => line.ordinal === 2);
  const { held } = await recordAll(store, [aRecord(1), aRecord(2), aRecord(3)]);
  expect(held).toEqual([true, false, true]);
  expect(store.written).toHaveLength(2);
});

test("of two leases of one batch each record is told of its own", async () => {
  const store = {
    record: async () => new Set([leaseKey({ id: "batch", epoch: 2 })]),
    failureOf: () => "transient" as const,
  };
  const recorder = createRecorder(store, { onError: () => undefined });
  const told = [1, 2].map(
    (epoch) =>
      new Promise<boolean>((resolve) =>
        recorder.add(aRecord(epoch, { lease: { id: "batch", epoch, operationId: "operation-1" } }), resolve),
      ),
  );
  expect(await Promise.all(told)).toEqual([false, true]);
});

test("a statement that failed may have been committed: the store is told when it is made again", async () => {
  const agains: (boolean | undefined)[] = [];
  const store = {
    async record(records: readonly LineRecord[], options?: { again?: boolean }) {
      agains.push(options?.again);
      if (agains.length < 3) throw new Error("Connection terminated unexpectedly");
      return new Set(records.map(({ lease }) => leaseKey(lease)));
    },
    failureOf: () => "transient" as const,
  };
  const recorder = createRecorder(store, { onError: () => undefined });
  expect(await new Promise((resolve) => recorder.add(aRecord(1), resolve))).toBe(true);
  expect(agains).toEqual([false, true, true]);
});

test("a record that fails for no reason of its own is given up with its lease, once others are recorded: it stops nobody", async () => {
  const store = aStore(({ line }) => line.ordinal === 2, "permanent");
  const { held } = await recordAll(store, [aRecord(1), aRecord(2), aRecord(3)]);
  expect(held).toEqual([true, false, true]);
  expect(store.written.map(({ line }) => line.ordinal)).toEqual([1, 3]);
});

test("one that fails alone is made again until it is known whose fault that is", async () => {
  let works = false;
  const broken = aStore(({ line }) => line.ordinal === 1 || !works, "permanent");
  const recorder = createRecorder(broken, { onError: () => undefined, gatherMs: 1 });
  const told: [number, boolean][] = [];
  const recorded = (ordinal: number) =>
    new Promise<void>((resolve) =>
      recorder.add(aRecord(ordinal), (held) => {
        told.push([ordinal, held]);
        resolve();
      }),
    );
  const first = recorded(1);
  const second = recorded(2);
  await until(() => broken.statements() > 6);
  expect(told).toEqual([]);
  works = true;
  await Promise.all([first, second]);
  expect(told).toEqual([
    [2, true],
    [1, false],
  ]);
});

test("one that fails alone is given up with its lease once another was recorded, if not beside it: where little is sent they never meet", async () => {
  const store = aStore(({ line }) => line.ordinal === 1, "permanent");
  const met = jest.fn();
  const record: typeof store.record = (records) => {
    if (records.length > 1) met();
    return store.record(records);
  };
  let failures = 0;
  const onError = () => {
    failures++;
    // It is asked for again a hundred milliseconds later.
    if (failures === 1) recorder.add(aRecord(2), () => undefined);
  };
  const recorder = createRecorder({ ...store, record }, { onError, gatherMs: 1 });
  expect(await new Promise((resolve) => recorder.add(aRecord(1), resolve))).toBe(false);
  expect(failures).toBe(2);
  expect(store.written).toHaveLength(1);
  expect(met).not.toHaveBeenCalled();
});

test("what is on record already, by a try whose answer was lost, is no reason to give anything up", async () => {
  const failures = ["transient", "recorded", "recorded"] as const;
  let tries = 0;
  const store = {
    async record(records: readonly LineRecord[], options?: { again?: boolean }) {
      if (tries < failures.length) throw new Error(failures[tries++]);
      expect(options).toEqual({ again: true });
      return new Set(records.map(({ lease }) => leaseKey(lease)));
    },
    failureOf: (error: unknown) => (error as Error).message as (typeof failures)[number],
  };
  const recorder = createRecorder(store, { onError: () => undefined });
  expect(await new Promise((resolve) => recorder.add(aRecord(1), resolve))).toBe(true);
});

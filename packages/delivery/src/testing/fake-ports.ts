import {
  type DeliveryLine,
  type LeasedBatch,
  type LeaseRef,
  type LeftOver,
  type LineRecord,
  leaseKey,
  mintOperationId,
  mintRowId,
  pushMessageSchema,
} from "@fanfare/domain";
import type { ClientFor, PushClient, SendResult } from "../ports.js";

const message = pushMessageSchema.parse({ content: { title: "x" } });

/** A leased batch of lines without a record. */
export function aBatch(count: number, fields: Partial<LeasedBatch> = {}): LeasedBatch {
  return {
    id: mintRowId(),
    epoch: 1,
    operationId: mintOperationId(),
    lines: Array.from({ length: count }, (_, index) => ({ ordinal: index + 1, token: `t${index + 1}` })),
    credential: { id: mintRowId(), version: 1, type: "FCM" },
    addressed: false,
    canceled: false,
    ...{ takenOver: false, suspicion: "none" as const, onUnknown: "resend" as const },
    recorded: new Map(),
    message,
    expiresAt: new Date(Date.now() + 3_600_000),
    ...fields,
  };
}

/** A store in memory that leases what it was given and keeps what is recorded. */
export function aStore(batches: LeasedBatch[]) {
  const records: LineRecord[] = [];
  const released: (LeftOver & { id: string })[] = [];
  const lost = new Set<string>();
  return {
    records,
    released,
    lost,
    flushes: 0,
    async lease(ids: readonly string[], onLeased: (leases: readonly LeaseRef[]) => void) {
      const leased = batches.filter(({ id }) => ids.includes(id));
      onLeased(leased);
      return leased;
    },
    renew: async (leases: readonly LeaseRef[]) => ({
      held: new Set(leases.filter(({ id }) => !lost.has(id)).map(leaseKey)),
      canceled: new Set<string>(),
    }),
    release: async ({ id }: { id: string }, left: LeftOver) => void released.push({ id, ...left }),
    beganAlone: [] as string[],
    async beginAlone(this: { beganAlone: string[] }, { id }: { id: string }) {
      this.beganAlone.push(id);
      return !lost.has(id);
    },
    parts: [] as (readonly DeliveryLine[])[],
    async split(
      this: { parts: (readonly DeliveryLine[])[] },
      _batch: LeasedBatch,
      parts: readonly (readonly DeliveryLine[])[],
    ) {
      this.parts.push(...parts);
      return true;
    },
    failureOf: (error: unknown) => (error instanceof RangeError ? ("refused" as const) : ("transient" as const)),
    async record(this: { flushes: number }, written: readonly LineRecord[]) {
      this.flushes++;
      const valid = written.filter(({ lease }) => !lost.has(lease.id));
      records.push(...valid);
      return new Set(valid.map(({ lease }) => leaseKey(lease)));
    },
  };
}

/** A client that answers in the next turn of the event loop. */
export function aClient(answer: (line: DeliveryLine) => SendResult, sent: DeliveryLine[] = []): PushClient {
  return {
    prepare: () => ({
      send(line, settle) {
        sent.push(line);
        setImmediate(() => settle(answer(line)));
      },
    }),
    close: async () => undefined,
  };
}

/** Gives every credential the same client. */
export const always =
  (client: PushClient): ClientFor =>
  async ({ credential }) =>
    credential ? { client, release: () => undefined } : undefined;

/** What a call came to. */
export const attempted = (outcome: Extract<SendResult, { kind: "attempted" }>["outcome"]): SendResult => ({
  kind: "attempted",
  outcome,
  startedAt: new Date(),
  latencyMs: 1,
});
/** An accepted call. */
export const accepted = () => attempted({ kind: "accepted", providerMessageId: "m" });

import { randomUUID } from "node:crypto";
import type { DeadToken, DeliveryLine, LeasedBatch, LeaseRef, LeftOver, LineRecord, Provider } from "@fanfare/domain";
import type { OnCompleted } from "./completed-operations.js";
import type { Db } from "./connect.js";
import { recordDeadTokens } from "./invalid-tokens.js";
import { leaseBatches, releaseBatch, renewLeases } from "./lease-batches.js";
import { createLostCompletions } from "./lost-completions.js";
import { failureOf, type StatementFailure } from "./postgres-errors.js";
import { recordAddressOutcomes } from "./record-address-outcomes.js";
import { recordOutcomes } from "./record-outcomes.js";
import { beginAlone, splitBatch } from "./suspect-batches.js";

/** The batch statements of one worker process, for one provider. */
export interface ProviderStore {
  lease(
    ids: readonly string[],
    onLeased?: (leases: readonly LeaseRef[]) => void,
    call?: string,
  ): Promise<LeasedBatch[]>;
  renew(leases: readonly LeaseRef[]): Promise<{ held: Set<string>; canceled: Set<string> }>;
  release(lease: LeaseRef, left: LeftOver): Promise<void>;
  beginAlone(lease: LeaseRef): Promise<boolean>;
  split(batch: LeasedBatch, parts: readonly (readonly DeliveryLine[])[]): Promise<boolean>;
  record(records: readonly LineRecord[], options?: { again?: boolean }): Promise<Set<string>>;
  failureOf(error: unknown): StatementFailure;
}

/** What {@link createProviderStore} binds its statements to. */
export interface ProviderStoreOptions {
  provider: Provider;
  /** Who holds the leases. */
  holder: string;
  /** How long they last, in milliseconds. */
  leaseMs: number;
  /** Told of each operation that is completed by what is recorded here. */
  onCompleted?: OnCompleted;
}

/** Binds the batch statements to a provider, to who holds the leases, and to how long they last. */
export function createProviderStore(
  db: Db,
  { provider, holder, leaseMs, onCompleted = () => undefined }: ProviderStoreOptions,
): ProviderStore {
  const lost = createLostCompletions(db);
  return {
    lease: (ids, onLeased, call = randomUUID()) => leaseBatches(db, ids, { provider, holder, call, leaseMs }, onLeased),
    renew: (leases) => renewLeases(db, leases, leaseMs),
    release: (lease, left) => releaseBatch(db, lease, left),
    beginAlone: (lease) => beginAlone(db, lease),
    split: (batch, parts) => splitBatch(db, batch, parts, batch.recorded),
    async record(records, { again = false } = {}) {
      if (!again) return record(db, records, { again, onCompleted });
      const held = await record(db, records, {
        again,
        onCompleted: (completed) => onCompleted(lost.untold(completed)),
      });
      onCompleted(lost.untold(await lost.find(records)));
      return held;
    },
    failureOf,
  };
}

/**
 * Recording again what is on record already must be harmless, for the caller does so when any part failed, or when only the
 * answer was lost: dead tokens go first, since keeping one twice changes nothing; what the tables say already is then left
 * out. A batch has lines of one kind only.
 */
async function record(
  db: Db,
  records: readonly LineRecord[],
  options: { again: boolean; onCompleted: OnCompleted },
): Promise<Set<string>> {
  const dead = records.flatMap(({ deadToken }): DeadToken[] => (deadToken ? [deadToken] : []));
  if (dead.length > 0) await recordDeadTokens(db, dead);
  const single = records.filter(({ line }) => line.position === undefined);
  if (single.length === records.length) return recordOutcomes(db, records, options);
  const several = records.filter(({ line }) => line.position !== undefined);
  if (single.length === 0) return recordAddressOutcomes(db, several, options);
  throw new Error("A micro-batch holds records of one kind only.");
}

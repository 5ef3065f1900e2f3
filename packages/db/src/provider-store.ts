import type { LeasedBatch, LeaseRef, LineRecord, Provider } from "@fanfare/domain";
import type { Db } from "./connect.js";
import { leaseBatches, releaseBatch, renewLeases } from "./lease-batches.js";
import { recordOutcomes } from "./record-outcomes.js";

/** The batch statements of one worker process, for one provider. */
export interface ProviderStore {
  lease(ids: readonly string[]): Promise<LeasedBatch[]>;
  renew(leases: readonly LeaseRef[]): Promise<Set<string>>;
  release(lease: LeaseRef, dueAt: Date): Promise<void>;
  record(records: readonly LineRecord[]): Promise<Set<string>>;
}

/** Binds the batch statements to a provider, to who holds the leases, and to how long they last. */
export function createProviderStore(
  db: Db,
  { provider, holder, leaseMs }: { provider: Provider; holder: string; leaseMs: number },
): ProviderStore {
  return {
    lease: (ids) => leaseBatches(db, ids, { provider, holder, leaseMs }),
    renew: (leases) => renewLeases(db, leases, leaseMs),
    release: (lease, dueAt) => releaseBatch(db, lease, dueAt),
    record: (records) => recordOutcomes(db, records),
  };
}

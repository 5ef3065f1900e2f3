import { type LeasedBatch, type LeaseRef, leaseKey } from "@fanfare/domain";
import type { DeliveryStore } from "./ports.js";

/** A batch that this process holds. */
export interface HeldBatch {
  readonly batch: LeasedBatch;
  /** Whether it may still be sent from: the lease has neither run out nor been taken over. */
  isHeld(): boolean;
  /** Whether the sender canceled its operation: nothing more of it is sent. */
  isCanceled(): boolean;
  /** Marks it as taken over. */
  lose(): void;
}

/** Leases batches and keeps them leased until they are forgotten. */
export interface LeaseKeeper {
  lease(ids: readonly string[]): Promise<HeldBatch[]>;
  forget(held: HeldBatch): void;
  close(): void;
}

/** What a keeper tells, and how long its leases last, in milliseconds. */
export interface LeaseKeeperOptions {
  leaseMs: number;
  onError: (error: unknown) => void;
  /** Told of each batch that somebody else has taken over. */
  onLost?: (batch: LeasedBatch) => void;
}

/** A lease as this process knows it, from when it was taken: what is on record of its batch may still be read. */
interface Lease extends Omit<HeldBatch, "batch"> {
  readonly ref: LeaseRef;
  cancel(): void;
  prolong(deadlineMs: number): void;
  /** Has `tell` called once it is lost, or at once if it is. */
  whenLost(tell: () => void): void;
}

interface Held extends HeldBatch {
  readonly lease: Lease;
}

/**
 * Makes a keeper. A lease ends on this side by the monotonic clock, counted from before the statement that took it, so
 * that a process which was stopped, or whose event loop was blocked, sends nothing more when it wakes.
 */
export function createLeaseKeeper(
  store: Pick<DeliveryStore, "lease" | "renew">,
  { leaseMs, onError, onLost = () => undefined }: LeaseKeeperOptions,
): LeaseKeeper {
  const active = new Set<Lease>();

  async function renew(): Promise<void> {
    if (active.size === 0) return;
    const asked = [...active];
    const deadlineMs = performance.now() + leaseMs;
    const renewed = await store.renew(asked.map(({ ref }) => ref));
    for (const lease of asked) {
      if (renewed.held.has(leaseKey(lease.ref))) lease.prolong(deadlineMs);
      else lease.lose();
      if (renewed.canceled.has(leaseKey(lease.ref))) lease.cancel();
    }
  }

  let renewingSince: number | undefined;
  function renewAgain(): void {
    const now = performance.now();
    // A database that keeps one waiting would keep all of its connections waiting. One that takes longer than a lease may be lost.
    if (renewingSince !== undefined && now - renewingSince < leaseMs) return;
    renewingSince = now;
    void renew()
      .catch(onError)
      .finally(() => {
        if (renewingSince === now) renewingSince = undefined;
      });
  }

  const timer = setInterval(renewAgain, leaseMs / 3);

  /** They are prolonged from when they are taken: else a database that reads slowly has them run out again and again. */
  async function lease(ids: readonly string[]): Promise<HeldBatch[]> {
    const deadlineMs = performance.now() + leaseMs;
    const leases = new Map<string, Lease>();
    const onLeased = (refs: readonly LeaseRef[]) => {
      for (const ref of refs) {
        const taken = createLease(ref, deadlineMs);
        leases.set(ref.id, taken);
        active.add(taken);
      }
    };
    try {
      const batches = await store.lease(ids, onLeased);
      return batches.map((batch) => hold(batch, leases.get(batch.id) as Lease, onLost));
    } catch (error) {
      for (const taken of leases.values()) active.delete(taken);
      throw error;
    }
  }

  return {
    lease,
    forget: (held) => void active.delete((held as Held).lease),
    close: () => clearInterval(timer),
  };
}

function hold(batch: LeasedBatch, lease: Lease, onLost: (batch: LeasedBatch) => void): Held {
  if (batch.canceled) lease.cancel();
  lease.whenLost(() => onLost(batch));
  const { isHeld, isCanceled, lose } = lease;
  return { batch, lease, isHeld, isCanceled, lose };
}

function createLease(ref: LeaseRef, until: number): Lease {
  let deadlineMs = until;
  let lost = false;
  let canceled = false;
  let tellLost = () => {};
  return {
    ref,
    isHeld: () => !lost && performance.now() < deadlineMs,
    isCanceled: () => canceled,
    cancel: () => {
      canceled = true;
    },
    prolong: (newDeadlineMs) => {
      deadlineMs = newDeadlineMs;
    },
    lose: () => {
      if (lost) return;
      lost = true;
      tellLost();
    },
    whenLost: (tell) => {
      if (lost) tell();
      else tellLost = tell;
    },
  };
}

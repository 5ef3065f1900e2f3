import { randomUUID } from "node:crypto";
import { type LeasedBatch, type LeaseRef, type LeftOver, leaseKey } from "@fanfare/domain";
import type { DeliveryStore } from "./ports.js";
import { whileAway } from "./while-away.js";

/** A batch that this process holds. */
export interface HeldBatch {
  readonly batch: LeasedBatch;
  /** Whether it may still be sent from: the lease has neither run out nor been taken over. */
  isHeld(): boolean;
  /** Whether the sender canceled its operation: nothing more of it is sent. */
  isCanceled(): boolean;
  /** Marks it as taken over, or as not to be given back: what was sent of it is not on record. */
  lose(): void;
  /**
   * Gives it back, unless it is lost, with nothing in flight and everything recorded. A lease that merely ran out is given back
   * as well: if nobody else has taken it since, whoever does knows that nothing of it was sent without a record. With the
   * database away it tries again as for a lease: what is not given back is taken for what a lost worker held.
   */
  giveBack(left: LeftOver, signal?: AbortSignal): Promise<void>;
}

/** Leases batches and keeps them leased until they are forgotten. */
export interface LeaseKeeper {
  /**
   * Leases those of the batches that are due, that nobody else holds, and that it does not hold itself, run out or not. With the
   * database away it asks again for half a minute, or until the signal is aborted, and then rejects.
   */
  lease(ids: readonly string[], signal?: AbortSignal): Promise<HeldBatch[]>;
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
interface Lease extends Omit<HeldBatch, "batch" | "giveBack"> {
  readonly ref: LeaseRef;
  isLost(): boolean;
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
  store: Pick<DeliveryStore, "lease" | "renew" | "release" | "failureOf">,
  { leaseMs, onError, onLost = () => undefined }: LeaseKeeperOptions,
): LeaseKeeper {
  const active = new Map<string, Lease>();
  const isAway = (error: unknown) => store.failureOf(error) === "transient";

  async function renew(): Promise<void> {
    if (active.size === 0) return;
    const asked = [...active.values()];
    const deadlineMs = performance.now() + leaseMs;
    const renewed = await store.renew(asked.map(({ ref }) => ref));
    for (const lease of asked) {
      if (renewed.held.has(leaseKey(lease.ref))) lease.prolong(deadlineMs);
      else if (active.get(lease.ref.id) === lease) lease.lose();
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

  async function lease(ids: readonly string[], signal?: AbortSignal): Promise<HeldBatch[]> {
    const call = randomUUID();
    return whileAway(() => leaseOnce(ids, call), { isAway, onError, signal });
  }

  /** They are prolonged from when they are taken: else a database that reads slowly has them run out again and again. */
  async function leaseOnce(ids: readonly string[], call: string): Promise<HeldBatch[]> {
    const free = ids.filter((id) => !active.has(id));
    if (free.length === 0) return [];
    const deadlineMs = performance.now() + leaseMs;
    const leases = new Map<string, Lease>();
    const onLeased = (refs: readonly LeaseRef[]) => {
      for (const ref of refs) {
        const taken = createLease(ref, deadlineMs);
        leases.set(ref.id, taken);
        active.set(ref.id, taken);
      }
    };
    try {
      const batches = await store.lease(free, onLeased, call);
      return batches.map((batch) => hold(batch, leases.get(batch.id) as Lease));
    } catch (error) {
      for (const taken of leases.values()) end(taken);
      throw error;
    }
  }

  function end(lease: Lease): void {
    if (active.get(lease.ref.id) === lease) active.delete(lease.ref.id);
  }

  function hold(batch: LeasedBatch, lease: Lease): Held {
    if (batch.canceled) lease.cancel();
    lease.whenLost(() => onLost(batch));
    const { isHeld, isCanceled, lose } = lease;
    return {
      ...{ batch, lease, isHeld, isCanceled, lose },
      async giveBack(left, signal) {
        if (lease.isLost()) return;
        // Before it is free for others: one that this process holds is not leased.
        end(lease);
        await whileAway(() => store.release(batch, left), { isAway, onError, signal });
      },
    };
  }

  return {
    lease,
    forget: (held) => end((held as Held).lease),
    close: () => clearInterval(timer),
  };
}

function createLease(ref: LeaseRef, until: number): Lease {
  let deadlineMs = until;
  let lost = false;
  let canceled = false;
  let tellLost = () => {};
  return {
    ref,
    isHeld: () => !lost && performance.now() < deadlineMs,
    isLost: () => lost,
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

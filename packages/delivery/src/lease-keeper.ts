import { type LeasedBatch, leaseKey } from "@fanfare/domain";
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

interface Held extends HeldBatch {
  cancel(): void;
  prolong(deadlineMs: number): void;
}

/**
 * Makes a keeper. A lease ends on this side by the monotonic clock, counted from before the statement that took it, so
 * that a process which was stopped, or whose event loop was blocked, sends nothing more when it wakes.
 */
export function createLeaseKeeper(
  store: Pick<DeliveryStore, "lease" | "renew">,
  { leaseMs, onError, onLost = () => undefined }: LeaseKeeperOptions,
): LeaseKeeper {
  const active = new Set<Held>();

  async function renew(): Promise<void> {
    if (active.size === 0) return;
    const asked = [...active];
    const deadlineMs = performance.now() + leaseMs;
    const renewed = await store.renew(asked.map(({ batch }) => batch));
    for (const held of asked) {
      if (renewed.held.has(leaseKey(held.batch))) held.prolong(deadlineMs);
      else held.lose();
      if (renewed.canceled.has(leaseKey(held.batch))) held.cancel();
    }
  }

  const timer = setInterval(() => void renew().catch(onError), leaseMs / 3);

  return {
    async lease(ids) {
      const deadlineMs = performance.now() + leaseMs;
      const batches = await store.lease(ids);
      const held = batches.map((batch) => hold(batch, deadlineMs, onLost));
      for (const one of held) active.add(one);
      return held;
    },
    forget: (held) => void active.delete(held as Held),
    close: () => clearInterval(timer),
  };
}

function hold(batch: LeasedBatch, until: number, onLost: (batch: LeasedBatch) => void): Held {
  let deadlineMs = until;
  let lost = false;
  let { canceled } = batch;
  return {
    batch,
    isHeld: () => !lost && performance.now() < deadlineMs,
    isCanceled: () => canceled,
    cancel: () => {
      canceled = true;
    },
    lose: () => {
      if (!lost) onLost(batch);
      lost = true;
    },
    prolong: (newDeadlineMs) => {
      deadlineMs = newDeadlineMs;
    },
  };
}

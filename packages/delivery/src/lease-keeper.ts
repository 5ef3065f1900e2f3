import type { LeasedBatch } from "@fanfare/domain";
import type { DeliveryStore } from "./ports.js";

/** A batch that this process holds. */
export interface HeldBatch {
  readonly batch: LeasedBatch;
  /** Whether it may still be sent from: the lease has neither run out nor been taken over. */
  isHeld(): boolean;
  /** Marks it as taken over. */
  lose(): void;
}

/** Leases batches and keeps them leased until they are forgotten. */
export interface LeaseKeeper {
  lease(ids: readonly string[]): Promise<HeldBatch[]>;
  forget(held: HeldBatch): void;
  close(): void;
}

interface Held extends HeldBatch {
  prolong(deadlineMs: number): void;
}

/**
 * Makes a keeper. A lease ends on this side by the monotonic clock, counted from before the statement that took it, so
 * that a process which was stopped, or whose event loop was blocked, sends nothing more when it wakes.
 */
export function createLeaseKeeper(
  store: Pick<DeliveryStore, "lease" | "renew">,
  { leaseMs, onError }: { leaseMs: number; onError: (error: unknown) => void },
): LeaseKeeper {
  const active = new Set<Held>();

  async function renew(): Promise<void> {
    if (active.size === 0) return;
    const asked = [...active];
    const deadlineMs = performance.now() + leaseMs;
    const kept = await store.renew(asked.map(({ batch }) => batch));
    for (const held of asked) {
      if (kept.has(held.batch.id)) held.prolong(deadlineMs);
      else held.lose();
    }
  }

  const timer = setInterval(() => void renew().catch(onError), leaseMs / 3);

  return {
    async lease(ids) {
      const deadlineMs = performance.now() + leaseMs;
      const batches = await store.lease(ids);
      const held = batches.map((batch) => hold(batch, deadlineMs));
      for (const one of held) active.add(one);
      return held;
    },
    forget: (held) => void active.delete(held as Held),
    close: () => clearInterval(timer),
  };
}

function hold(batch: LeasedBatch, until: number): Held {
  let deadlineMs = until;
  let lost = false;
  return {
    batch,
    isHeld: () => !lost && performance.now() < deadlineMs,
    lose: () => {
      lost = true;
    },
    prolong: (newDeadlineMs) => {
      deadlineMs = newDeadlineMs;
    },
  };
}

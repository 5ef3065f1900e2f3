import { brokenIdentity, type Stats } from "@fanfare/domain";

/** An operation as a poll saw it. */
export interface SeenOperation {
  status: string;
  stats: Stats;
}

const GROWING = ["attempts", "unaddressable", "undelivered", "failed", "canceled"] as const;

/** Once it has one of these no notification moves any more; the other addresses of one that is reached may still be tried. */
const ENDED = ["COMPLETED", "CANCELED"];

/**
 * What a poll contradicts: the identities of the counters, or what an earlier poll of the same operation saw. In words;
 * `undefined` when nothing does.
 */
export function contradiction(earlier: SeenOperation | undefined, now: SeenOperation): string | undefined {
  const broken = brokenIdentity(now.stats);
  if (broken) return broken;
  if (!earlier) return undefined;
  const [before, after] = [earlier.stats, now.stats];
  if (ENDED.includes(earlier.status)) {
    const frozen = { ...after, attempts: before.attempts };
    const isSame = earlier.status === now.status && JSON.stringify(before) === JSON.stringify(frozen);
    if (!isSame || after.attempts < before.attempts) {
      return `it had ended as ${describe(earlier)}, and is ${describe(now)}`;
    }
    return undefined;
  }
  if (after.recipients !== before.recipients) return `recipients went from ${before.recipients} to ${after.recipients}`;
  for (const counter of GROWING) {
    if (after[counter] < before[counter]) return `${counter} went back from ${before[counter]} to ${after[counter]}`;
  }
  const [sentBefore, sentAfter] = [before, after].map(({ sent, delivered, read }) => sent + delivered + read);
  if ((sentAfter ?? 0) < (sentBefore ?? 0)) return `sent went back from ${sentBefore} to ${sentAfter}`;
  if (after.scheduled > before.scheduled) return `scheduled grew from ${before.scheduled} to ${after.scheduled}`;
  const [openBefore, openAfter] = [before, after].map(({ scheduled, queued }) => scheduled + queued);
  if ((openAfter ?? 0) > (openBefore ?? 0)) return `what is open grew from ${openBefore} to ${openAfter}`;
  return undefined;
}

const describe = ({ status, stats }: SeenOperation) => `${status} ${JSON.stringify(stats)}`;

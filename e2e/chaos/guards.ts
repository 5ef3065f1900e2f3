/** The guards that a build can be made without. */
export type BrokenGuard = "fence" | "dispatcher" | "counters" | "flush" | "renewal";

interface Patch {
  /** From the tree's root. */
  file: string;
  edits: readonly { search: string; replace: string }[];
}

/** What is taken out of the sources for each, and a seed that finds it out. */
export const GUARDS: Readonly<
  Record<BrokenGuard, { what: string; seed: number; backend: "postgres" | "redis"; patches: readonly Patch[] }>
> = {
  fence: {
    what: "outcomes are recorded whoever holds the batch by then",
    ...{ seed: 17, backend: "redis" },
    patches: [
      {
        file: "packages/db/src/record-outcomes.ts",
        edits: [
          {
            search: "where (b.id, b.epoch) in (select distinct batch_id, epoch from input)",
            replace: "where b.id in (select distinct batch_id from input)",
          },
          { search: " and fence.epoch = input.epoch", replace: "" },
        ],
      },
      {
        file: "packages/db/src/record-address-outcomes.ts",
        edits: [
          {
            search: "where (b.id, b.epoch) in (\n      select id, epoch from",
            replace: "where b.id in (\n      select id from",
          },
          { search: "[leaseKey(row), row]", replace: "[row.id, row]" },
          { search: "batches.has(leaseKey(lease))", replace: "batches.has(lease.id)" },
          { search: "batches.get(leaseKey(lease))", replace: "batches.get(lease.id)" },
        ],
      },
    ],
  },
  dispatcher: {
    what: "nobody looks for what is due",
    ...{ seed: 2, backend: "redis" },
    patches: [
      {
        file: "apps/fanout-worker/src/dispatcher.ts",
        edits: [{ search: "sweep(options, enqueue, work))", replace: "options.intervalMs)" }],
      },
    ],
  },
  counters: {
    what: "counters are moved by a statement of their own, after the rows",
    ...{ seed: 2, backend: "redis" },
    patches: [
      {
        file: "packages/db/src/record-outcomes.ts",
        edits: [
          {
            search: "from operation_delta d join locked_operation l",
            replace: "from (select * from operation_delta limit 0) d join locked_operation l",
          },
          {
            search: "  return new Set(held.map(leaseKey));\n}",
            replace: `  const keys = new Set(held.map(leaseKey));
  await countApart(db, records.filter(({ lease }) => keys.has(leaseKey(lease))));
  return keys;
}

async function countApart(db: Db, records: readonly LineRecord[]): Promise<void> {
  for (const { lease, status, attempt } of records) {
    const operationId = (lease as { operationId?: string }).operationId;
    const closed = status === "QUEUED" ? 0 : 1;
    const is = (wanted: string) => (status === wanted ? 1 : 0);
    await db.$executeRaw\`
      update operations o set queued = queued - \${closed}, sent = sent + \${is("SENT")},
        undelivered = undelivered + \${is("UNDELIVERED")}, failed = failed + \${is("FAILED")},
        canceled = canceled + \${is("CANCELED")}, attempts = attempts + \${attempt ? 1 : 0},
        status = case when o.queued > \${closed} or o.status <> 'PROCESSING' then o.status
          when o.canceled + \${is("CANCELED")} > 0 then 'CANCELED' else 'COMPLETED' end,
        completed_at = case when o.queued = \${closed} and o.status = 'PROCESSING' then now() else o.completed_at end
      where o.id = \${operationId}::uuid\`;
  }
}`,
          },
        ],
      },
    ],
  },
  flush: {
    what: "a batch is given back before its records are written",
    ...{ seed: 4, backend: "redis" },
    patches: [
      {
        file: "packages/delivery/src/batch-run.ts",
        edits: [
          {
            search: "        if (!written) held.lose();\n        freeSlot();\n      });",
            replace: "        if (!written) held.lose();\n      });\n      freeSlot();",
          },
        ],
      },
    ],
  },
  renewal: {
    what: "leases are never prolonged",
    ...{ seed: 4, backend: "redis" },
    patches: [
      {
        file: "packages/delivery/src/lease-keeper.ts",
        edits: [{ search: "setInterval(renewAgain,", replace: "setInterval(() => renewAgain," }],
      },
    ],
  },
};

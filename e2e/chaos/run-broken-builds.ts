import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Table from "cli-table3";
import { makeBrokenBuild } from "./broken-builds.js";
import { GUARDS } from "./guards.js";
import type { ChaosOptions } from "./options.js";
import { runSeed } from "./run-seed.js";
import type { Verdict } from "./verdict.js";

/** From `e2e/dist/chaos`, where this runs. */
const ROOT = join(import.meta.dirname, "../../..");

/** Runs builds that lack a guard each, every one with the seed that is known to find it out. Resolves with whether all were. */
export async function runBrokenBuilds({
  broken,
  brokenSeed,
  outDir,
  recipients,
  windowMs,
  settleMs,
}: ChaosOptions): Promise<boolean> {
  const rows: string[][] = [];
  const results: object[] = [];
  let allFound = true;
  for (const guard of broken) {
    const { what, backend, ...known } = GUARDS[guard];
    const seed = brokenSeed ?? known.seed;
    process.stdout.write(`without ${guard}: ${what}; seed ${seed}, queues on ${backend} …\n`);
    const runDir = join(outDir, `broken-${guard}`);
    rmSync(runDir, { recursive: true, force: true });
    const build = makeBrokenBuild(ROOT, guard);
    try {
      const run = { seed, backend, recipients, windowMs, settleMs, runDir };
      const verdict = await runSeed({ ...run, appsDir: build.appsDir });
      allFound &&= !verdict.passed;
      rows.push([guard, what, String(seed), backend, verdict.passed ? "NOTHING" : symptomsOf(verdict)]);
      results.push({ guard, what, verdict });
    } finally {
      build.remove();
    }
    writeFileSync(join(outDir, "broken.json"), `${JSON.stringify(results, undefined, 2)}\n`);
    process.stdout.write(`${printRows(rows)}\n`);
  }
  return allFound;
}

/** A table of its own each time: once printed, one keeps the widths of its columns. */
function printRows(rows: string[][]): string {
  const head = ["guard", "without it", "seed", "queues", "found out by"];
  const table = new Table({ head, style: { head: [], border: [] } });
  table.push(...rows);
  return table.toString();
}

function symptomsOf(verdict: Verdict): string {
  const names = ["lost", "failed", "miscounted", "unexplainedDuplicates", "chains", "crashes"] as const;
  return names.flatMap((name) => (verdict[name] > 0 ? [`${name} ${verdict[name]}`] : [])).join(", ");
}

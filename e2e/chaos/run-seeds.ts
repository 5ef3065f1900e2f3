import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ChaosOptions } from "./options.js";
import { runSeed } from "./run-seed.js";
import { type Verdict, verdictTable } from "./verdict.js";

/** Runs one seed after the other, on each backend, and prints their verdicts. Resolves with whether all passed. */
export async function runSeeds(options: ChaosOptions): Promise<boolean> {
  const { outDir, keep, seed: firstSeed, seeds, backends, ...run } = options;
  const print = (text: string) => void process.stdout.write(`${text}\n`);
  const resultFile = join(outDir, "result.json");
  const verdicts: Verdict[] = [];
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    for (const backend of backends) {
      print(`seed ${seed}, queues on ${backend}, ${run.recipients} recipients …`);
      const runDir = join(outDir, `${seed}-${backend}`);
      rmSync(runDir, { recursive: true, force: true });
      const verdict = await runSeed({ ...run, seed, backend, runDir });
      verdicts.push(verdict);
      writeFileSync(resultFile, `${JSON.stringify({ options, verdicts }, undefined, 2)}\n`);
      print(verdictTable([verdict]));
      if (verdict.passed && !keep) rmSync(runDir, { recursive: true, force: true });
      else print(`${verdict.passed ? "Its logs" : "Autopsy"}: ${runDir}`);
    }
  }
  const failed = verdicts.filter(({ passed }) => !passed);
  print(`\n${verdictTable(verdicts)}\n${verdicts.length - failed.length} of ${verdicts.length} passed; ${resultFile}`);
  for (const { seed, backend } of failed) {
    const again = `--seed ${seed} --backend ${backend} --profile ${run.profile} --recipients ${run.recipients}`;
    print(`Again: npm run test:chaos -- ${again}`);
  }
  return failed.length === 0;
}

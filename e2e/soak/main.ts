// `npm run test:soak`: see docs/chaos.md.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { runSoak } from "./run-soak.js";
import { printSoak, soakProblems } from "./soak-report.js";

const text = { type: "string" } as const;
const { values } = parseArgs({ options: { recipients: text, backend: text, "fault-every": text, out: text } });
const options = z
  .object({
    recipients: z.coerce.number().int().min(1_000).max(100_000_000).default(1_000_000),
    backend: z.enum(["postgres", "redis"]).default("redis"),
    /** Seconds between two faults. */
    "fault-every": z.coerce.number().min(1).max(3_600).default(10),
    out: z.string().default("soak-results"),
  })
  .parse(values);

const runDir = join(options.out, options.backend);
rmSync(runDir, { recursive: true, force: true });
mkdirSync(runDir, { recursive: true });
process.stdout.write(`${options.recipients} recipients, queues on ${options.backend} …\n`);
const { recipients, backend } = options;
const result = await runSoak({ recipients, backend, faultEveryMs: options["fault-every"] * 1_000, runDir });
const problems = soakProblems(result);
const resultFile = join(options.out, `${backend}.json`);
writeFileSync(
  resultFile,
  `${JSON.stringify({ node: process.version, failures: problems, ...result }, undefined, 2)}\n`,
);
process.stdout.write(`${printSoak(result)}\n${problems.join("\n") || "passed"}; ${resultFile}\n`);
process.exit(problems.length === 0 ? 0 : 1);

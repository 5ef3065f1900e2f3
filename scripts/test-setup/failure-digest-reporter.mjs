// Ends a red run of jest with its digest, and leaves it in the file that FANFARE_FAILURE_DIGEST names.
import { appendFileSync } from "node:fs";
import process from "node:process";
import { failureDigest, failuresOf } from "./failure-digest.mjs";

export default class FailureDigestReporter {
  #rootDir;

  constructor({ rootDir }) {
    this.#rootDir = rootDir;
  }

  onRunComplete(_contexts, { testResults }) {
    const failures = failuresOf(testResults, this.#rootDir);
    if (failures.length === 0) return;
    const text = `=== Failed: ${failures.length}\n${failureDigest(failures).join("\n")}\n`;
    process.stderr.write(`\n${text}\n`);
    if (process.env.FANFARE_FAILURE_DIGEST) appendFileSync(process.env.FANFARE_FAILURE_DIGEST, text);
  }
}

import Table from "cli-table3";
import type { Finding } from "./check-recipient.js";
import type { OracleReport } from "./oracle.js";
import type { Plan } from "./plan.js";

/** What came of a seed. */
export interface Verdict {
  seed: number;
  backend: Plan["backend"];
  gentle: boolean;
  operations: number;
  /** Recipients of the 202s that clients hold. */
  accepted: number;
  terminal: number;
  lost: number;
  failed: number;
  miscounted: number;
  explainedDuplicates: number;
  unexplainedDuplicates: number;
  /** Notifications with more take-overs than there were interruptions. */
  chains: number;
  /** Processes that died though nobody ended them. */
  crashes: number;
  /** Processes that did not end with 0 when asked to stop. */
  unclean: number;
  attempts: number;
  faults: number;
  polls: number;
  recounts: number;
  seconds: number;
  passed: boolean;
}

/** What a verdict is made of. */
export interface VerdictInput {
  plan: Plan;
  report: OracleReport;
  operations: number;
  /** What clients and watchers saw that must not be: all of it is counted as miscounted. */
  problems: readonly string[];
  crashes: number;
  unclean: number;
  faults: number;
  polls: number;
  recounts: number;
  seconds: number;
}

/** Sums a run up. */
export function toVerdict({ plan, report, problems, ...numbers }: VerdictInput): Verdict {
  const count = (kind: Finding["kind"]) =>
    report.findings.filter((finding) => finding.kind === kind).reduce((sum, { recipients }) => sum + recipients, 0);
  const counted = {
    lost: count("lost"),
    failed: count("failed"),
    miscounted: report.findings.filter(({ kind }) => kind === "miscounted").length + problems.length,
    unexplainedDuplicates: count("unexplained"),
    chains: count("chain"),
  };
  const mustBeZero = [...Object.values(counted), numbers.crashes, report.recipients - report.terminal];
  return {
    ...{ seed: plan.seed, backend: plan.backend, gentle: plan.gentle },
    ...{ accepted: report.recipients, terminal: report.terminal, attempts: report.attempts },
    ...counted,
    explainedDuplicates: report.explainedDuplicates,
    ...numbers,
    // Who saw nothing has nothing to say.
    passed: mustBeZero.every((value) => value === 0) && numbers.polls > 0 && numbers.recounts > 0 && numbers.faults > 0,
  };
}

const HEAD = [
  ...["seed", "queues", "", "accepted", "terminal", "lost", "failed", "miscounted", "dup. explained"],
  ...["dup. unexplained", "chains", "crashes", "unclean", "attempts", "faults", "polls", "s", "verdict"],
];

/** The verdicts as a table. */
export function verdictTable(verdicts: readonly Verdict[]): string {
  const table = new Table({ head: HEAD, style: { head: [], border: [], compact: true } });
  for (const verdict of verdicts) {
    table.push([
      ...[verdict.seed, verdict.backend, verdict.gentle ? "gentle" : "", verdict.accepted, verdict.terminal],
      ...[verdict.lost, verdict.failed, verdict.miscounted, verdict.explainedDuplicates],
      ...[verdict.unexplainedDuplicates, verdict.chains, verdict.crashes, verdict.unclean, verdict.attempts],
      ...[verdict.faults, verdict.polls, verdict.seconds.toFixed(0), verdict.passed ? "pass" : "FAIL"],
    ]);
  }
  return table.toString();
}

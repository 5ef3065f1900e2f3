import Table from "cli-table3";
import type { SoakResult } from "./run-soak.js";

const STYLE = { head: [], border: [], compact: true };

/** A process that stays may grow by so much at most, once it is warm. */
const RSS_MB_PER_100K = 10;
const DESCRIPTORS_PER_100K = 5;

/** Below so many recipients memory says more about the warming up than about a leak. */
const SLOPE_FROM = 200_000;

/** Finished jobs that are kept (500 completed and 1,000 failed ones of each of five queues), and what belongs to them. */
const QUEUE_ENTRIES = 8_000;

/** It remembers every token, to be asked at the end. */
const REMEMBERS = "simulator";

/** What of a result must not be, in words. */
export function soakProblems(result: SoakResult): string[] {
  const { findings, problems, crashes, recipients, terminal } = result;
  const growing = Object.entries(result.processes).flatMap(([name, growth]) => {
    if (!growth || name === REMEMBERS || recipients < SLOPE_FROM) return [];
    const { rssMbPer100k, descriptorsPer100k } = growth;
    return [
      ...(rssMbPer100k > RSS_MB_PER_100K ? [`${name} grows by ${rssMbPer100k.toFixed(1)} MB in 100,000`] : []),
      ...(descriptorsPer100k > DESCRIPTORS_PER_100K
        ? [`${name} opens ${descriptorsPer100k.toFixed(1)} descriptors in 100,000`]
        : []),
    ];
  });
  return [
    ...findings.map(({ kind, send, detail }) => `${kind}: send ${send}: ${detail}`),
    ...problems,
    ...crashes.map((crash) => `crashed: ${crash}`),
    ...growing,
    ...(terminal < recipients ? [`${recipients - terminal} of ${recipients} are not terminal`] : []),
    ...(result.queueEntries > QUEUE_ENTRIES ? [`${result.queueEntries} entries are left in the queues`] : []),
  ];
}

/** The result as tables. */
export function printSoak(result: SoakResult): string {
  const processes = new Table({
    head: ["process", "samples", "RSS MB", "MB a 100,000", "descriptors", "more a 100,000"],
    style: STYLE,
  });
  for (const [name, growth] of Object.entries(result.processes)) {
    if (!growth) processes.push([name, "few", "", "", "", ""]);
    else {
      const { samples, rssMb, rssMbPer100k, descriptors, descriptorsPer100k } = growth;
      processes.push([
        ...[name, samples, rssMb.toFixed(0), rssMbPer100k.toFixed(1), descriptors, descriptorsPer100k.toFixed(1)],
      ]);
    }
  }
  const tables = new Table({ head: ["table", "rows", "dead rows", "MB"], style: STYLE });
  for (const { table, rows, deadRows, megabytes } of result.tables) tables.push([table, rows, deadRows, megabytes]);
  const count = (kind: string) => result.findings.filter((finding) => finding.kind === kind).length;
  return [
    processes.toString(),
    tables.toString(),
    `${result.recipients} recipients in ${result.seconds.toFixed(0)} s (${result.perSecond.toFixed(0)} a second), ` +
      `${result.attempts} attempts, ${result.faults} faults, ${result.polls} polls, ${result.recounts} recounts`,
    `lost ${count("lost")}, failed ${count("failed")}, miscounted ${count("miscounted") + result.problems.length}, ` +
      `duplicates explained ${result.explainedDuplicates}, unexplained ${count("unexplained")}, ` +
      `left in the queues ${result.queueEntries}`,
  ].join("\n");
}

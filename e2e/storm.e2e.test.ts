import { existsSync, readFileSync } from "node:fs";
import { until } from "@fanfare/testkit";
import { type RunningStack, runStack } from "./support/run-stack.js";
import { startServerStorm } from "./support/server-storm.js";

/** Recipients of the storm, and the seed that decides what each meets; a night's run sets both. */
const RECIPIENTS = Number(process.env.FANFARE_STORM_RECIPIENTS ?? 2_000);
const SEED = Number(process.env.FANFARE_SEED ?? 20_261_124);
const PER_REQUEST = 10_000;
const SAMPLE_MS = 1_000;

/**
 * Servers are left alone once so many are sent: what is left then has failed some times, is come back to by FCM's rule after twice
 * as long each time, and would meet a fault of theirs each time.
 */
const SENT_UNDER_SERVER_FAULTS = 0.99;

/** What FCM failed three times is come back to after 80 s at most, and may be the last thing that is left. */
const QUIET_MS = 100_000;

let stack: RunningStack;
beforeAll(async () => {
  stack = await runStack({ env: { SIMULATOR_KEEP_COUNTS: "true" }, mortal: ["simulator"] });
});
afterAll(() => stack?.close());

test(`a storm of all faults over ${RECIPIENTS} recipients, seed ${SEED}: nothing lost, nothing miscounted, every duplicate explained`, async () => {
  const begin = () => stack.simulate("PUT", "/storm", { seed: SEED, intensity: 0.3 });
  await begin();
  const servers = startServerStorm(stack, SEED, begin);
  const memory = () => ["fcm-worker", "apns-worker"].map((name) => residentMb(stack.apps.get(name)?.pid as number));
  const before = memory();
  const samples = [before];
  const sampling = setInterval(() => samples.push(memory()), SAMPLE_MS).unref();
  const operations: string[] = [];
  for (let sent = 0; sent < RECIPIENTS; sent += PER_REQUEST) {
    const to = Array.from({ length: Math.min(PER_REQUEST, RECIPIENTS - sent) }, (_, index) => ({
      provider: (sent + index) % 2 === 0 ? "FCM" : "APN",
      token: `storm-${sent + index}`,
    }));
    operations.push((await stack.api.send({ to, content: { title: "x" } })).operationId);
  }
  const sentSoFar = async () => {
    const all = await Promise.all(operations.map((operationId) => stack.api.operation(operationId)));
    return all.reduce((sum, { stats }) => sum + stats.sent, 0);
  };
  const [ended] = await Promise.all([
    Promise.all(operations.map((operationId) => stack.completed(operationId, { quietMs: QUIET_MS }))),
    until(async (see) => see(await sentSoFar()) >= SENT_UNDER_SERVER_FAULTS * RECIPIENTS, {
      intervalMs: 500,
      quietMs: QUIET_MS,
    }).then(() => servers.end()),
  ]);
  const sent = ended.reduce((sum, stats) => sum + stats.sent, 0);
  clearInterval(sampling);
  expect(sent).toBe(RECIPIENTS);
  const died = stack.log.filter((line) => line.includes(" died"));
  // Node 20's own HTTP/2 server now and then corrupts its memory under such faults; what the simulator counted is on disk.
  const OF_NODE = /^simulator died \((SIGABRT|SIGSEGV)\)/;
  expect(died.filter((line) => !OF_NODE.test(line))).toEqual([]);

  const tokens = await stack.tokens();
  const reached = tokens.filter(({ accepted }) => accepted > 0);
  const twice = tokens.filter(({ accepted }) => accepted > 1);
  const unexplained = await stack.db.$queryRaw<{ token: string }[]>`
    select t.token from json_array_elements_text(${JSON.stringify(twice.map(({ token }) => token))}::json) as t(token)
    where not exists (
      select from notifications n join attempts a on a.operation_id = n.operation_id and a.ordinal = n.ordinal
      where n.token = t.token and a.outcome = 'UNKNOWN'
    )`;
  const [counts] = await stack.db.$queryRaw<{ attempts: number; unknown: number }[]>`
    select count(*)::int as attempts, count(*) filter (where outcome = 'UNKNOWN')::int as unknown from attempts`;
  const { faults } = (await (await fetch(`${stack.simulatorUrl}/counts`)).json()) as { faults: object };
  process.stdout.write(
    `storm, seed ${SEED}: ${RECIPIENTS} recipients, ${counts?.attempts} attempts, ${counts?.unknown} unknown; lost ${RECIPIENTS - reached.length}, duplicates ${twice.length} (${unexplained.length} unexplained); faults ${JSON.stringify(faults)}; simulator died ${died.length} times; worker memory by quarters of the time ${quarters(samples)} MB\n`,
  );
  expect(reached).toHaveLength(RECIPIENTS);
  expect(unexplained).toEqual([]);
  expect(await stack.db.invalidToken.count()).toBe(0);
  for (const [index, megabytes] of memory().entries()) expect(megabytes - (before[index] ?? 0)).toBeLessThan(300);
}, 1_000_000);

/** The most that each process had in each quarter of the time. */
function quarters(samples: number[][]): string {
  const size = Math.ceil(samples.length / 4);
  const parts = [0, 1, 2, 3].map((part) => samples.slice(part * size, (part + 1) * size));
  const most = (part: number[][], app: number) => Math.max(0, ...part.map((sample) => sample[app] ?? 0));
  return parts.map((part) => `${most(part, 0)} and ${most(part, 1)}`).join(", ");
}

function residentMb(pid: number): number {
  const file = `/proc/${pid}/status`;
  // That a process died is told further down.
  const [, kilobytes = "0"] = /^VmRSS:\s+(\d+) kB$/m.exec(existsSync(file) ? readFileSync(file, "utf8") : "") ?? [];
  return Math.round(Number(kilobytes) / 1_024);
}

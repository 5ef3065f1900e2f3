import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeAutopsy } from "./autopsy.js";
import { canLoseLeases } from "./can-lose-leases.js";
import { type InjectedFaults, injectFaults } from "./inject-faults.js";
import { type Installation, startInstallation } from "./installation.js";
import { askOracle } from "./oracle.js";
import { makePlan, type Plan } from "./plan.js";
import { createRandom } from "./random.js";
import { runSenders } from "./senders.js";
import { planSends } from "./sends.js";
import { settle } from "./settle.js";
import { openTimeline, type Timeline } from "./timeline.js";
import { toVerdict, type Verdict } from "./verdict.js";
import { startWatchers } from "./watchers.js";

/** How a seed is run. */
export interface SeedOptions {
  seed: number;
  backend: Plan["backend"];
  recipients: number;
  /** Faults are injected for so long, in milliseconds. */
  windowMs: number;
  /** After the last fault everything must have ended within so long, in milliseconds. */
  settleMs: number;
  /** No process has a wrong clock. */
  rightClocks?: boolean;
  /** Folder for the logs, and for the autopsy when it fails. */
  runDir: string;
  /** Folder of the built apps, where they are not this tree's. */
  appsDir?: string | undefined;
}

/** Runs a seed: everything is started, sent to, harmed, left to recover, and judged. */
export async function runSeed(options: SeedOptions): Promise<Verdict> {
  const { seed, backend, windowMs, runDir, appsDir } = options;
  const beganAt = performance.now();
  const plan = makePlan({ seed, backend, windowMs });
  const timeline = openTimeline(runDir);
  const dataDir = mkdtempSync(join(tmpdir(), "fanfare-chaos-"));
  timeline.event("plan", { plan, options });
  const installation = await startInstallation({
    backend,
    skew: options.rightClocks ? undefined : plan.skew,
    dataDir,
    timeline,
    appsDir,
  });
  try {
    const seen = await unleash(installation, plan, options, timeline);
    const tokens = await installation.simulator.tokens();
    const interruptions = seen.faults.injected.filter(canLoseLeases).length;
    const evidence = { accepted: seen.senders.accepted, tokens, interruptions };
    const report = await askOracle(installation.db, evidence);
    const problems = [...seen.senders.problems, ...seen.watchers.problems, ...seen.faults.problems];
    const { deaths } = installation;
    const verdict = toVerdict({
      ...{ plan, report, problems },
      operations: seen.senders.accepted.length,
      ...{ crashes: deaths.crashes().length, unclean: deaths.unclean().length },
      ...{ faults: seen.faults.injected.length, polls: seen.watchers.polls, recounts: seen.watchers.recounts },
      seconds: (performance.now() - beganAt) / 1_000,
    });
    const ends = { crashes: deaths.crashes(), unclean: deaths.unclean() };
    const details = { verdict, ...ends, problems, findings: report.findings, interruptions, plan };
    timeline.event("verdict", { verdict });
    if (!verdict.passed) await writeAutopsy(runDir, { db: installation.db, tokens, details });
    return verdict;
  } finally {
    await installation.stop();
    await timeline.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Sends, watches and injects faults at once; resolves when all has ended, or when the time for that is up. */
async function unleash(installation: Installation, plan: Plan, options: SeedOptions, timeline: Timeline) {
  const { recipients, windowMs, settleMs } = options;
  const random = createRandom(plan.seed + 1);
  const sends = planSends(random, { recipients, windowMs: windowMs * SENDING_SHARE });
  timeline.event("sends", { operations: sends.length });
  const watchers = startWatchers(installation, createRandom(plan.seed + 2));
  const sending = runSenders(installation, sends, {
    onAccepted: ({ send, operationId }) => {
      timeline.event("accepted", { send: send.number, operationId, recipients: send.to.length });
      watchers.watch({ send, operationId });
    },
  });
  const faults: InjectedFaults = await injectFaults(installation, plan, timeline);
  const senders = await sending;
  timeline.event("all sends have their answer", { retries: senders.retries });
  await settle(installation.db, settleMs, timeline);
  return { senders, faults, watchers: await watchers.stop() };
}

/** Sends begin within this share of the window, so that there is work under the last faults too. */
const SENDING_SHARE = 0.8;

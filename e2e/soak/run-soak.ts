import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Installation, startInstallation } from "../chaos/installation.js";
import { askOracle } from "../chaos/oracle.js";
import type { Plan } from "../chaos/plan.js";
import { createRandom } from "../chaos/random.js";
import { runSenders, type SendersLog } from "../chaos/senders.js";
import { settle } from "../chaos/settle.js";
import { openTimeline, type Timeline } from "../chaos/timeline.js";
import { startWatchers } from "../chaos/watchers.js";
import { queueEntries, tableSizes } from "./left-behind.js";
import { createProcessSamples, growthOf } from "./process-samples.js";
import { startSoakFaults } from "./soak-faults.js";
import { soakSends } from "./soak-sends.js";

/** How a soak is run. */
export interface SoakOptions {
  recipients: number;
  backend: Plan["backend"];
  /** Pause between two faults, in milliseconds. */
  faultEveryMs: number;
  runDir: string;
}

/** What came of a soak. */
export type SoakResult = Awaited<ReturnType<typeof runSoak>>;

/** Share of provider calls that meet a fault. */
const STORM_INTENSITY = 0.01;

const SAMPLE_EVERY_MS = 2_000;

/** After the last send everything must have ended within so long, in milliseconds. */
const SETTLE_MS = 900_000;

/** Sends to very many recipients under faults at a low rate, and looks at what grows. */
export async function runSoak({ recipients, backend, faultEveryMs, runDir }: SoakOptions) {
  const timeline = openTimeline(runDir);
  const dataDir = mkdtempSync(join(tmpdir(), "fanfare-soak-"));
  const installation = await startInstallation({ backend, dataDir, timeline });
  try {
    await installation.simulator.simulateForGood("PUT", "/storm", { seed: 1, intensity: STORM_INTENSITY });
    const beganAt = performance.now();
    const sampling = startSampling(installation);
    const faults = startSoakFaults(installation, faultEveryMs, timeline);
    const { senders, watchers } = await sendAll(installation, recipients, timeline);
    const { interruptions, faults: injected } = await faults.stop();
    await settle(installation.db, SETTLE_MS, timeline);
    const seconds = (performance.now() - beganAt) / 1_000;
    const processes = await sampling.stop();
    const tokens = await installation.simulator.tokens();
    const { findings, ...report } = await askOracle(installation.db, {
      accepted: senders.accepted,
      ...{ tokens, interruptions },
    });
    return {
      ...{ backend, recipients, seconds, perSecond: recipients / seconds, faults: injected },
      ...{ ...report, findings, problems: [...senders.problems, ...watchers.problems] },
      ...{ crashes: installation.deaths.crashes(), unclean: installation.deaths.unclean() },
      ...{ polls: watchers.polls, recounts: watchers.recounts, processes },
      tables: await tableSizes(installation.db),
      queueEntries: await queueEntries(installation.db, installation.redis?.url),
    };
  } finally {
    await installation.stop();
    await timeline.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function sendAll(installation: Installation, recipients: number, timeline: Timeline) {
  const watchers = startWatchers(installation, createRandom(1));
  const senders: SendersLog = await runSenders(installation, soakSends(recipients), {
    onAccepted: ({ send, operationId }) => {
      timeline.event("accepted", { send: send.number, operationId });
      watchers.watch({ send, operationId });
    },
  });
  timeline.event("all sends have their answer", { retries: senders.retries });
  await settle(installation.db, SETTLE_MS, timeline);
  return { senders, watchers: await watchers.stop() };
}

function startSampling(installation: Installation) {
  const { db, pidOf, processes } = installation;
  const samples = createProcessSamples(processes(), pidOf);
  let stopped = false;
  const run = async () => {
    while (!stopped) {
      const done = await db.operation
        .aggregate({ _sum: { recipients: true, queued: true } })
        .then(({ _sum }) => (_sum.recipients ?? 0) - (_sum.queued ?? 0))
        // The faults end this session too.
        .catch(() => undefined);
      if (done !== undefined) samples.take(done);
      await sleep(SAMPLE_EVERY_MS);
    }
  };
  const running = run();
  return {
    async stop() {
      stopped = true;
      await running;
      return Object.fromEntries([...samples.all()].map(([name, own]) => [name, growthOf(own) ?? null]));
    },
  };
}

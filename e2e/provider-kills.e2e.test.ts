import { patient, queueBackends } from "@fanfare/testkit";
import { type Kill, killAgainAndAgain } from "./provider-kills/kill-again-and-again.js";
import { bookOf } from "./provider-kills/repeats.js";
import { sendSteadily } from "./provider-kills/send-steadily.js";
import { createProcessSamples } from "./soak/process-samples.js";
import { processesOf } from "./support/processes-of.js";
import { type ProviderProcess, startProviderProcess } from "./support/provider-process.js";
import { type RunningStack, runStack } from "./support/run-stack.js";

/** Pushes, and for how long the provider is killed meanwhile; a long run sets both, and goes over every queue backend. */
const PUSHES = Number(process.env.FANFARE_KILLS_PUSHES ?? 4_000);
const SECONDS = Number(process.env.FANFARE_KILLS_SECONDS ?? 12);
const IS_LONG = SECONDS >= 60;

/** Of FCM one in so many: it is to be left alone for longer after each kill, which takes its time. */
const FCM_EVERY = IS_LONG ? 2 : 20;

const EVERY_MS = 2_000;

const backends = queueBackends().filter(({ name }) => IS_LONG || name === "postgres");

describe.each(backends)("queues on $name", (backend) => {
  let provider: ProviderProcess;
  let stack: RunningStack;
  beforeAll(async () => {
    provider = await startProviderProcess();
    stack = await runStack({ backend, workers: 2, provider, env: { FCM_RAMP_SECONDS: "0" } });
  });
  afterAll(async () => {
    await provider?.end();
    await stack?.close();
  });

  test(
    `kill -9 of the provider every 2 s for ${SECONDS} s during ${PUSHES} pushes: the same workers live on, none is lost, and who got one twice is announced`,
    async () => {
      const workers = processesOf(stack).filter((name) => name.includes("worker"));
      const pids = () => workers.map((name) => stack.apps.get(name)?.pid);
      const memory = createProcessSamples(workers, (name) => stack.apps.get(name)?.pid);
      const before = pids();
      const beganAt = performance.now();
      const kills: Kill[] = [];
      const isEnough = () => kills.length >= Math.min(3, SECONDS / 4);
      const sending = sendSteadily(stack, { pushes: PUSHES, seconds: SECONDS, fcmEvery: FCM_EVERY, isEnough });
      memory.take(0);
      await killAgainAndAgain(stack, provider, { everyMs: EVERY_MS, until: sending, kills });
      const pushes = await sending;
      let sent = 0;
      for (const operationId of pushes.operations) sent += (await stack.completed(operationId)).sent;
      const seconds = Math.round((performance.now() - beganAt) / 1_000);
      memory.take(sent);

      const book = await bookOf(stack, kills);
      const rss = [...memory.all()].map(([name, samples]) => `${name} ${samples.map(mb).join(" → ")}`);
      process.stdout.write(
        `${backend.name}: ${kills.length} kills during ${pushes.sent} pushes, over after ${seconds} s; lost ${pushes.sent - book.reached}, ` +
          `twice ${book.twice}, of those not announced ${book.unannounced.length}; interrupted ${book.interrupted.join(", ")}; ` +
          `connections ${kills.map(({ connections }) => connections).join(", ")}; MB: ${rss.join(", ")}\n`,
      );
      expect({ sent, reached: book.reached }).toEqual({ sent: pushes.sent, reached: pushes.sent });
      expect(book).toMatchObject({ unannounced: [], unrecorded: [] });
      // Each kill had something to interrupt.
      expect(Math.min(...book.interrupted)).toBeGreaterThan(0);
      expect(pids()).toEqual(before);
      expect(stack.log.filter((line) => line.includes(" died ("))).toEqual([]);
    },
    patient(SECONDS * 1_000 + 120_000),
  );
});

const mb = ({ rssMb }: { rssMb: number }) => Math.round(rssMb);

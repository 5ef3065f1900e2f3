import { allCompleted, sendAll, warmUp } from "../support/blast.mjs";
import { startInstallation } from "../support/installation.mjs";
import { startPrismaRoute } from "../support/prisma-route.mjs";
import { latencySummary } from "../support/statistics.mjs";
import { generateLoad, stream } from "../support/stream.mjs";
import { micros, ms, rate, ratio, table, tableByName } from "../support/tables.mjs";

export const title = "stream: one recipient a request, from concurrent clients";
export const timeoutMs = 900_000;

/** Of what the closed loop reached. */
const SWEEP = [0.25, 0.5, 0.7, 0.8, 0.9, 1];

const IDLE_PER_SECOND = 20;

/** A rate is sustained when what it leaves behind is on record so soon after the last request. */
const DRAINED_SECONDS = 1;

export async function run({ backends, inScope, ...bench }) {
  const results = {};
  for (const backend of backends) results[backend] = await inScope((scope) => onBackend(scope, bench, backend));
  return { backends: results };
}

async function onBackend(scope, { sink, quick, signal, note }, backend) {
  const installation = await startInstallation(scope, sink, { backend });
  const seconds = quick ? 2 : 8;
  const at = (options) => stream({ installation, sink, seconds, signal, ...options });
  await warmUp({ installation, quick, signal });
  await at({ seconds: 2 });

  note(`${backend}: a bare Express route with one Prisma create …`);
  const prismaRoute = await measurePrismaRoute(scope, installation, seconds, signal);
  note(`${backend}: closed loop, then a sweep of rates …`);
  const closedLoop = await at({});
  const sweep = [];
  for (const share of quick ? [0.5, 1] : SWEEP) {
    sweep.push({ share, ...(await at({ rate: Math.max(1, Math.round(closedLoop.perSecond * share)) })) });
  }
  const sustained = sweep.filter(isSustained).at(-1);
  // Enough requests that a 99th percentile is more than the largest of them.
  const idle = await at({ rate: IDLE_PER_SECOND, seconds: quick ? 3 : 20 });
  const halfRate = Math.max(1, Math.round((sustained?.offeredPerSecond ?? closedLoop.perSecond / 4) / 2));
  const halfLoad = await at({ rate: halfRate });
  note(`${backend}: the same during a blast …`);
  const duringBlast = await measureDuringBlast(installation, sink, { quick, signal });
  return {
    prismaRoute,
    closedLoop,
    sweep,
    sustainedPerSecond: sustained?.offeredPerSecond ?? 0,
    idle,
    halfLoad,
    duringBlast,
    ratios: {
      prismaRoute: (sustained?.offeredPerSecond ?? 0) / prismaRoute.perSecond,
      blastP95: duringBlast.providerMs.p95 / idle.providerMs.p95,
    },
  };
}

const isSustained = ({ refused, drainSeconds, perSecond, offeredPerSecond }) =>
  refused === 0 && drainSeconds <= DRAINED_SECONDS && perSecond >= 0.8 * offeredPerSecond;

async function measurePrismaRoute(scope, installation, seconds, signal) {
  const route = await startPrismaRoute(scope, await installation.emptyDatabase("prisma_route"));
  const task = { url: route.url, path: "/", authorization: "none", connections: 64, prefix: "p" };
  await generateLoad({ ...task, seconds: 2 }, signal);
  const before = installation.usage().postgres + route.usage();
  const load = await generateLoad({ ...task, seconds }, signal);
  const spent = installation.usage().postgres + route.usage() - before;
  return {
    perSecond: load.accepted / load.seconds,
    cpuMicros: { total: spent / load.accepted },
    acceptMs: latencySummary(load.answerMs.filter((answered) => answered !== null)),
  };
}

/** Lone requests while a large send is under way: those count that were made before it was done. */
async function measureDuringBlast(installation, sink, { quick, signal }) {
  const count = quick ? 10_000 : 200_000;
  let done = false;
  const blasting = sendAll(installation, count, "large", signal)
    .then(({ operationIds }) => allCompleted(installation, operationIds, signal))
    .finally(() => {
      done = true;
    });
  // Its failure is met below, not while the load runs.
  blasting.catch(() => undefined);
  const providerMs = [];
  let requests = 0;
  while (!done) {
    const prefix = `d${requests}r`;
    const { authorization, url } = installation;
    const task = { url, path: "/v1/PushNotifications", authorization, connections: 16, rate: IDLE_PER_SECOND };
    const load = await generateLoad({ ...task, seconds: quick ? 1 : 4, prefix }, signal);
    if (done && requests > 0) break;
    requests += load.accepted;
    const receipts = await allReceived(sink, prefix, load.accepted, signal);
    for (const [token, atMicros] of receipts) {
      providerMs.push((atMicros - load.dueMicros[Number(token.split("-")[1])]) / 1e3);
    }
  }
  await blasting;
  return { recipients: count, requests, providerMs: latencySummary(providerMs) };
}

async function allReceived(sink, prefix, count, signal) {
  for (;;) {
    signal.throwIfAborted();
    const receipts = await sink.receipts(prefix);
    if (receipts.size >= count) return receipts;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

export function tables({ backends }) {
  return Object.entries(backends).flatMap(([backend, measured]) => {
    const { prismaRoute, closedLoop, sweep, idle, halfLoad, duringBlast, sustainedPerSecond, ratios } = measured;
    const row = (name, each) => [
      name,
      rate(each.perSecond),
      micros(each.cpuMicros?.total),
      ms(each.acceptMs?.p50),
      ms(each.acceptMs?.p99),
      ms(each.providerMs?.p50),
      ms(each.providerMs?.p95),
      ms(each.providerMs?.p99),
      each.drainSeconds?.toFixed(2) ?? "",
      each.lost ?? "",
      each.duplicates ?? "",
    ];
    const head = [
      "",
      "a second",
      "CPU µs",
      "202 p50",
      "p99",
      "provider p50",
      "p95",
      "p99, ms",
      "drain s",
      "lost",
      "dup.",
    ];
    return [
      `queues on ${backend}; sustained: ${rate(sustainedPerSecond)} requests/s, ÷ the Prisma route ${ratio(ratios.prismaRoute)}; ` +
        `p95 during a blast ÷ idle ${ratio(ratios.blastP95)}`,
      table(head, [
        row("bare Express route, Prisma create", prismaRoute),
        row("closed loop, 64 connections", closedLoop),
        ...sweep.map((each) => row(`at ${each.offeredPerSecond} a second`, each)),
        row(`idle: ${IDLE_PER_SECOND} a second`, idle),
        row("half load", halfLoad),
        row(`during a blast of ${duringBlast.recipients}`, duringBlast),
      ]),
      tableByName(
        ["CPU µs a push", "closed loop", "idle", "half load"],
        [closedLoop, idle, halfLoad].map(({ cpuMicros }) => cpuMicros),
        micros,
      ),
    ];
  });
}

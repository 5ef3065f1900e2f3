import { PUSH_SESSIONS } from "../clients/push-sessions.mjs";
import { isInstalled } from "../support/redis.mjs";
import * as clients from "../support/run-client.mjs";
import { median } from "../support/statistics.mjs";
import { micros, rate, ratio, table } from "../support/tables.mjs";

const ROUNDS = 3;

export const title = "floors: clients alone, nothing recorded";
export const timeoutMs = 600_000;

/** Every client, round by round, so that what disturbs the machine disturbs them all. */
export async function run({ sink, quick, signal }) {
  const clientsHere = findClients();
  const count = quick ? 5_000 : 100_000;
  const rounds = Object.fromEntries(Object.keys(clientsHere).map((name) => [name, []]));
  for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
    for (const [name, { share, measure }] of Object.entries(clientsHere)) {
      rounds[name].push(await measure(sink, Math.ceil(count * share), { signal }));
    }
  }
  const figures = Object.entries(rounds).map(([name, all]) => [name, medianRun(all)]);
  return { clients: Object.fromEntries(figures) };
}

/** `share` of the requests, so that a slow one takes no longer than a fast one. */
function findClients() {
  const found = {
    "bare node:http2": { share: 1, measure: clients.bareNodeHttp2 },
    "apn Provider": { share: 0.5, measure: clients.apnProvider },
    "firebase-admin sendEach": { share: 0.2, measure: clients.firebaseAdmin },
  };
  for (const implementation of Object.keys(PUSH_SESSIONS)) {
    const measure = (sink, count, options) => clients.pushSession(sink, count, { ...options, implementation });
    found[`PushSession on ${implementation}`] = { share: 1, measure };
  }
  if (isInstalled("h2load")) found.h2load = { share: 4, measure: clients.h2load };
  return found;
}

function medianRun(runs) {
  const of = (field) => median(runs.map((run) => run[field]));
  const sum = (field) => runs.reduce((total, run) => total + (run[field] ?? 0), 0);
  return {
    perSecond: of("perSecond"),
    cpuMicros: of("cpuMicros"),
    sinkMicros: of("sinkMicros"),
    lost: sum("lost"),
    duplicates: sum("duplicates"),
    rounds: runs,
  };
}

export function tables({ clients: measured }) {
  const bare = measured["bare node:http2"];
  const rows = Object.entries(measured).map(([name, figures]) => [
    name,
    rate(figures.perSecond),
    ratio(figures.perSecond / bare.perSecond),
    micros(figures.cpuMicros),
    micros(figures.sinkMicros),
    figures.lost,
    figures.duplicates,
  ]);
  return [table(["client", "requests/s", "÷ bare", "CPU µs", "sink's µs", "lost", "duplicates"], rows)];
}

import { blast, warmUp } from "../support/blast.mjs";
import { startInstallation } from "../support/installation.mjs";
import { bareNodeHttp2 } from "../support/run-client.mjs";
import { median } from "../support/statistics.mjs";
import { mb, micros, ms, rate, ratio, table, tableByName } from "../support/tables.mjs";

export const title = "blast: recipients by the ten thousand, half FCM and half APNs, each push on record";
export const timeoutMs = 1_500_000;

/** Sizes, and how often each is sent: a small one is over before the clocks of CPU time have ticked often. */
const SIZES = [
  { count: 10_000, times: 10 },
  { count: 100_000, times: 2 },
  { count: 1_000_000, times: 1 },
];
const QUICK_SIZES = [
  { count: 2_000, times: 3 },
  { count: 10_000, times: 1 },
];

export async function run({ backends, inScope, ...bench }) {
  const results = {};
  for (const backend of backends) results[backend] = await inScope((scope) => onBackend(scope, bench, backend));
  return { backends: results };
}

async function onBackend(scope, { sink, quick, signal, note }, backend) {
  const installation = await startInstallation(scope, sink, { backend });
  await warmUp({ installation, quick, signal });
  // The floor right before and right after, since machines change their speed within minutes.
  const bareCount = quick ? 5_000 : 100_000;
  const bare = [await bareNodeHttp2(sink, bareCount, { signal })];
  const sizes = [];
  for (const { count, times } of quick ? QUICK_SIZES : SIZES) {
    note(`${backend}: ${count} recipients …`);
    const blasts = [];
    for (let time = 0; time < times; time++) {
      blasts.push(await blast({ installation, sink, count, prefix: `b${count}t${time}`, signal }));
    }
    sizes.push(summary(blasts));
  }
  bare.push(await bareNodeHttp2(sink, bareCount, { signal }));
  const floor = { perSecond: mean(bare, "perSecond"), cpuMicros: mean(bare, "cpuMicros") };
  const largest = sizes.at(-1);
  const ratios = { rate: largest.perSecond / floor.perSecond, cpu: largest.cpuMicros.total / floor.cpuMicros };
  return { sizes, bare: floor, ratios };
}

function summary(blasts) {
  const [first] = blasts;
  const sum = (field) => blasts.reduce((total, each) => total + each[field], 0);
  const roles = Object.keys(first.cpuMicros);
  return {
    recipients: first.recipients,
    times: blasts.length,
    seconds: sum("seconds"),
    perSecond: median(blasts.map(({ perSecond }) => perSecond)),
    // A mean: the ticks of all of them count.
    cpuMicros: Object.fromEntries(roles.map((role) => [role, mean(blasts, (each) => each.cpuMicros[role])])),
    sinkMicros: mean(blasts, "sinkMicros"),
    acceptedMsMedian: median(blasts.map(({ acceptedMsMedian }) => acceptedMsMedian)),
    peakMemoryMb: blasts.at(-1).peakMemoryMb,
    lost: sum("lost"),
    duplicates: sum("duplicates"),
  };
}

function mean(all, field) {
  const of = typeof field === "function" ? field : (each) => each[field];
  return all.reduce((total, each) => total + of(each), 0) / all.length;
}

export function tables({ backends }) {
  return Object.entries(backends).flatMap(([backend, { sizes, bare, ratios }]) => {
    const rows = sizes.map((size) => [
      size.recipients,
      size.times,
      rate(size.perSecond),
      ratio(size.perSecond / bare.perSecond),
      micros(size.cpuMicros.total),
      ratio(size.cpuMicros.total / bare.cpuMicros),
      ms(size.acceptedMsMedian),
      size.lost,
      size.duplicates,
    ]);
    const bareRow = ["bare client", "", rate(bare.perSecond), "1.00", micros(bare.cpuMicros), "1.00", "", "", ""];
    const head = ["recipients", "times", "pushes/s", "÷ bare", "CPU µs", "÷ bare", "202, ms", "lost", "duplicates"];
    const split = sizes.map(({ cpuMicros, sinkMicros }) => ({ ...cpuMicros, "sink, not counted": sinkMicros }));
    const names = sizes.map(({ recipients }) => String(recipients));
    return [
      `queues on ${backend}; of the largest: rate ÷ bare ${ratio(ratios.rate)}, CPU ÷ bare ${ratio(ratios.cpu)}`,
      table(head, [...rows, bareRow]),
      tableByName(["CPU µs a push", ...names], split, micros),
      tableByName(
        ["peak RSS, MB", ...names],
        sizes.map(({ peakMemoryMb }) => peakMemoryMb),
        mb,
      ),
    ];
  });
}

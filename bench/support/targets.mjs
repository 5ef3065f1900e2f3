import { table } from "./tables.mjs";

const atLeast = (bound) => ({ bound: `≥ ${bound}`, met: (value) => value >= bound });
const atMost = (bound) => ({ bound: `≤ ${bound}`, met: (value) => value <= bound });

const BARE = "bare node:http2";

/** What Fanfare is meant to reach on two cores, each with how it follows from the data of a backend; `undefined`: not measured. */
const TARGETS = [
  {
    what: "CPU of Fanfare and its stores per tracked push ÷ bare node:http2 client's",
    ...atMost(0.6),
    of: ({ blast }) => blast?.ratios.cpu,
  },
  {
    what: "tracked pushes/s, largest blast ÷ bare node:http2 client's requests/s",
    ...atLeast(3),
    of: ({ blast }) => blast?.ratios.rate,
  },
  { what: "÷ apn's Provider", ...atLeast(4), of: (measured) => againstClient(measured, "apn Provider") },
  {
    what: "÷ firebase-admin's sendEach",
    ...atLeast(6),
    of: (measured) => againstClient(measured, "firebase-admin sendEach"),
  },
  {
    what: "÷ the naive pipeline",
    ...atLeast(40),
    of: ({ blast, naive }) => largest(blast)?.perSecond / naive?.perSecond,
  },
  {
    what: "Fanfare's HTTP/2 client alone ÷ h2load",
    ...atLeast(0.7),
    of: ({ floors }) => floors?.clients["PushSession on Fanfare's own"]?.perSecond / floors?.clients.h2load?.perSecond,
  },
  { what: "request → provider, idle, p50, ms", ...atMost(15), of: ({ stream }) => stream?.idle.providerMs.p50 },
  { what: "request → provider, idle, p99, ms", ...atMost(60), of: ({ stream }) => stream?.idle.providerMs.p99 },
  { what: "p95 during a blast ÷ idle p95", ...atMost(3), of: ({ stream }) => stream?.ratios.blastP95 },
  {
    what: "stream, requests/s sustained ÷ Express route with a Prisma create",
    ...atLeast(1),
    of: ({ stream }) => stream?.ratios.prismaRoute,
  },
  {
    what: "202 for 10,000 recipients, median, ms",
    ...atMost(150),
    of: ({ accept }) => accept?.find(({ recipients }) => recipients === 10_000)?.p50,
  },
  {
    what: "event loop for one request of up to 20 MB, ms of CPU",
    ...atMost(300),
    of: ({ bodies }) => bodies && Math.max(...bodies.map(({ loopMs }) => loopMs)),
  },
  {
    what: "peak RSS of the API at such requests, MB",
    ...atMost(400),
    of: ({ bodies }) => bodies && Math.max(...bodies.map(({ peakMb }) => peakMb)),
  },
  {
    what: "|t| of the times of right and wrong logins",
    ...atMost(4.5),
    of: ({ logins }) => logins && Math.max(...logins.flatMap(({ t, tOfMost }) => [Math.abs(t), Math.abs(tOfMost)])),
  },
  { what: "CPU per push, largest blast ÷ smallest", ...atMost(1.05), of: ({ growth }) => growth?.ratio },
  { what: "GET operation, many rows ÷ few", ...atMost(1.1), of: ({ read }) => read?.ratios.operation },
  {
    what: "peak RSS of any process of Fanfare, MB",
    ...atMost(200),
    of: ({ blast }) => blast && Math.max(...blast.sizes.map(({ peakMemoryMb }) => largestOwn(peakMemoryMb))),
  },
];

const largest = (blast) => blast?.sizes.at(-1);

function againstClient({ blast, floors }, name) {
  // Both are measured beside the bare client, each in its own minutes: so they are compared through it.
  const client = floors?.clients[name]?.perSecond / floors?.clients[BARE]?.perSecond;
  return blast?.ratios.rate / client;
}

/** Stores apart: a process of Postgres counts the shared buffers that it has touched. */
function largestOwn({ postgres, redis, ...own }) {
  return Math.max(...Object.values(own));
}

/** Judges every target for every backend that was measured. */
export function judgeTargets(results) {
  const backends = Object.keys(
    results.blast?.backends ?? results.stream?.backends ?? results.accept?.backends ?? { any: {} },
  );
  return backends.flatMap((backend) => {
    const { floors, naive, read, bodies, logins } = results;
    const shared = { floors, naive, read, bodies: bodies?.bodies, logins: logins?.logins };
    const own = ["blast", "growth", "stream", "accept"].map((name) => [name, results[name]?.backends[backend]]);
    const measured = { ...shared, ...Object.fromEntries(own) };
    return TARGETS.map(({ what, bound, met, of }) => {
      const value = of(measured);
      return Number.isFinite(value) ? { what, backend, bound, value, met: met(value) } : { what, backend, bound };
    });
  });
}

/** The targets as a table, a column for each backend. */
export function targetTable(judged) {
  const backends = [...new Set(judged.map(({ backend }) => backend))];
  const rows = TARGETS.map(({ what, bound }) => [
    what,
    bound,
    ...backends.flatMap((backend) => {
      const { value, met } = judged.find((each) => each.what === what && each.backend === backend);
      return value === undefined ? ["", "not measured"] : [value.toFixed(2), met ? "met" : "NOT MET"];
    }),
  ]);
  return table(["target", "bound", ...backends.flatMap((backend) => [backend, ""])], rows);
}

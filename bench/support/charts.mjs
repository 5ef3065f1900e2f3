import { parse, View } from "vega";
import { compile } from "vega-lite";

const WIDTH = 560;

/** Draws what a run has data for; resolves with an SVG for each chart's name. */
export async function drawCharts({ run, scenarios, quick }) {
  const caption = `Node ${run.node}, ${run.cores} cores, ${run.date.slice(0, 10)}, ${run.commit}${quick ? ", QUICK RUN" : ""}`;
  const drawn = {};
  for (const [name, draw] of Object.entries(CHARTS)) {
    const chart = draw(scenarios);
    if (chart) drawn[name] = await toSvg({ ...chart, title: { ...chart.title, subtitle: caption } });
  }
  return drawn;
}

const CHARTS = { cost: costChart, rate: rateChart, stream: streamChart, growth: growthChart };

/** Who records nothing, and what they cost. */
const clientsOf = ({ floors }) => Object.entries(floors?.clients ?? {});

const blastsOf = ({ blast }) =>
  Object.entries(blast?.backends ?? {}).map(([backend, measured]) => ({
    name: `Fanfare, queues on ${backend}`,
    largest: measured.sizes.at(-1),
    ...measured,
  }));

/** Order of the parts of a bar, and of the legend: the apps in the order in which a push passes them, then the stores. */
const PARTS = [
  "client",
  "api",
  "fanout-worker",
  "fcm-worker",
  "apns-worker",
  "producer",
  "worker",
  "postgres",
  "redis",
];

function costChart(scenarios) {
  const parts = (name, { total, ...split }) => Object.entries(split).map(([part, micros]) => ({ name, part, micros }));
  const values = [
    ...clientsOf(scenarios).map(([name, { cpuMicros }]) => ({ name, part: "client", micros: cpuMicros })),
    ...blastsOf(scenarios).flatMap(({ name, largest }) => parts(name, largest.cpuMicros)),
  ];
  if (values.length === 0) return undefined;
  return {
    title: { text: "CPU per push: alone and unrecorded, and Fanfare's, tracked" },
    data: { values: values.map((value) => ({ ...value, order: PARTS.indexOf(value.part) })) },
    width: WIDTH,
    mark: "bar",
    encoding: {
      y: { field: "name", type: "nominal", sort: null, title: null, axis: { labelLimit: 240 } },
      x: { field: "micros", type: "quantitative", title: "µs of CPU a push (the sink's not counted)", stack: true },
      color: { field: "part", type: "nominal", sort: PARTS, title: null },
      order: { field: "order" },
    },
  };
}

function rateChart(scenarios) {
  const values = [
    ...clientsOf(scenarios).map(([name, { perSecond }]) => ({ name, perSecond, kind: "unrecorded" })),
    ...blastsOf(scenarios).map(({ name, largest }) => ({ name, perSecond: largest.perSecond, kind: "tracked" })),
  ];
  if (scenarios.naive?.perSecond)
    values.push({ name: "naive pipeline", perSecond: scenarios.naive.perSecond, kind: "tracked" });
  if (values.length === 0) return undefined;
  return {
    title: { text: "Pushes a second, on the same sink" },
    data: { values },
    width: WIDTH,
    encoding: {
      y: { field: "name", type: "nominal", sort: null, title: null, axis: { labelLimit: 240 } },
      // A decade is a decade: on a linear axis nothing but h2load would be seen.
      x: { field: "perSecond", type: "quantitative", scale: { type: "log" }, title: "pushes/s, logarithmic" },
    },
    layer: [
      {
        mark: { type: "point", filled: true, size: 120 },
        encoding: { color: { field: "kind", type: "nominal", title: null } },
      },
      {
        mark: { type: "text", dx: 8, align: "left" },
        encoding: { text: { field: "perSecond", type: "quantitative", format: ",.0f" } },
      },
    ],
  };
}

function streamChart({ stream }) {
  const values = Object.entries(stream?.backends ?? {}).flatMap(([backend, { idle, sweep }]) =>
    [idle, ...sweep].flatMap(({ offeredPerSecond, providerMs }) =>
      ["p50", "p99"].map((share) => ({ offeredPerSecond, ms: providerMs[share], line: `${backend}, ${share}` })),
    ),
  );
  if (values.length === 0) return undefined;
  return {
    title: { text: "From one request to the provider, by how many come a second" },
    data: { values },
    width: WIDTH,
    height: 280,
    mark: { type: "line", point: true },
    encoding: {
      x: { field: "offeredPerSecond", type: "quantitative", title: "one-recipient requests a second" },
      y: { field: "ms", type: "quantitative", scale: { type: "log" }, title: "ms, logarithmic" },
      color: { field: "line", type: "nominal", title: null },
    },
  };
}

function growthChart(scenarios) {
  const values = blastsOf(scenarios).flatMap(({ name, sizes }) =>
    sizes.map(({ recipients, cpuMicros }) => ({ name, recipients, micros: cpuMicros.total })),
  );
  if (values.length === 0) return undefined;
  return {
    title: { text: "CPU per push, by the size of the blast" },
    data: { values },
    width: WIDTH,
    height: 240,
    mark: { type: "line", point: true },
    encoding: {
      x: { field: "recipients", type: "quantitative", scale: { type: "log" }, title: "recipients, logarithmic" },
      y: { field: "micros", type: "quantitative", scale: { zero: true }, title: "µs of CPU a push" },
      color: { field: "name", type: "nominal", title: null },
    },
  };
}

function toSvg(chart) {
  const { spec } = compile({
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: "white",
    padding: 12,
    config: { font: "sans-serif", view: { stroke: null }, legend: { labelLimit: 240 } },
    ...chart,
  });
  return new View(parse(spec), { renderer: "none" }).toSVG();
}

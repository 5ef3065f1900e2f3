import { micros, ratio, table } from "../support/tables.mjs";

export const title = "growth: what a push costs as operations and tables grow";
export const timeoutMs = 10_000;

/** Is computed from what that scenario measured. */
export const needs = ["blast"];

export async function run({ results }) {
  const backends = Object.entries(results.blast.backends).map(([backend, { sizes }]) => {
    const costs = sizes.map(({ recipients, cpuMicros }) => ({ recipients, cpuMicros: cpuMicros.total }));
    return [backend, { costs, ratio: costs.at(-1).cpuMicros / costs[0].cpuMicros }];
  });
  return { backends: Object.fromEntries(backends) };
}

export function tables({ backends }) {
  const [first] = Object.values(backends);
  const head = ["CPU µs a push", ...first.costs.map(({ recipients }) => String(recipients)), "largest ÷ smallest"];
  const rows = Object.entries(backends).map(([backend, growth]) => [
    backend,
    ...growth.costs.map(({ cpuMicros }) => micros(cpuMicros)),
    ratio(growth.ratio),
  ]);
  return [table(head, rows)];
}

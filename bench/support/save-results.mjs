import { mkdir, writeFile } from "node:fs/promises";
import { drawCharts } from "./charts.mjs";

const RESULTS = new URL("../results/", import.meta.url);

/** Writes the data and the charts of a run under `results/`, by date and version of Node; resolves with the folder's name. */
export async function saveResults(document) {
  const { date, node } = document.run;
  const name = `${date.slice(0, 10)}-node${node.slice(1).split(".")[0]}${document.quick ? "-quick" : ""}`;
  const folder = new URL(`${name}/`, RESULTS);
  await mkdir(folder, { recursive: true });
  await writeFile(new URL("results.json", folder), `${JSON.stringify(document, undefined, 2)}\n`);
  for (const [chart, svg] of Object.entries(await drawCharts(document))) {
    await writeFile(new URL(`${chart}.svg`, folder), svg);
  }
  return `bench/results/${name}`;
}

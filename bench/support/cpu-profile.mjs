import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";

/** Functions of a V8 CPU profile by the time that they themselves took, the longest first; and how long the process was busy. */
export function hotFunctions({ nodes, samples, timeDeltas }) {
  const placeOf = createPlaceOf();
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame, placeOf)]));
  const selfMs = new Map();
  let busyMs = 0;
  samples.forEach((id, index) => {
    const name = names.get(id);
    if (name === "(idle)" || name === "(root)") return;
    const ms = timeDeltas[index] / 1_000;
    selfMs.set(name, (selfMs.get(name) ?? 0) + ms);
    busyMs += ms;
  });
  const functions = [...selfMs].map(([name, ms]) => ({ name, selfMs: ms })).sort((a, b) => b.selfMs - a.selfMs);
  return { busyMs, functions };
}

function nameOf({ functionName, ...frame }, placeOf) {
  const place = frame.url === "" ? "" : ` ${placeOf(frame)}`;
  return `${functionName || "(anonymous)"}${place}`;
}

/** Names the sources of a place; the app that was profiled is one file, whose lines tell nothing. */
function createPlaceOf() {
  const maps = new Map();
  return ({ url, lineNumber, columnNumber }) => {
    if (!maps.has(url)) maps.set(url, readSourceMap(url));
    const entry = maps.get(url)?.findEntry(lineNumber, columnNumber);
    if (entry?.originalSource === undefined) return `${shortPath(url)}:${lineNumber + 1}`;
    return `${shortPath(new URL(entry.originalSource, url).href)}:${entry.originalLine + 1}`;
  };
}

function readSourceMap(url) {
  if (!url.startsWith("file:")) return undefined;
  const file = `${fileURLToPath(url)}.map`;
  return existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, "utf8"))) : undefined;
}

// Of a path what tells the package and the file.
const shortPath = (url) => url.replace(/^.*\/(node_modules|packages|apps)\//, "").replace("/dist/", "/");

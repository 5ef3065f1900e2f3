/** Functions of a V8 CPU profile by the time that they themselves took, the longest first; and how long the process was busy. */
export function hotFunctions({ nodes, samples, timeDeltas }) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const selfMs = new Map();
  let busyMs = 0;
  samples.forEach((id, index) => {
    const { functionName, url, lineNumber } = frames.get(id);
    if (functionName === "(idle)" || functionName === "(root)") return;
    const ms = timeDeltas[index] / 1_000;
    const place = url === "" ? "" : ` ${shortPath(url)}:${lineNumber + 1}`;
    const name = `${functionName || "(anonymous)"}${place}`;
    selfMs.set(name, (selfMs.get(name) ?? 0) + ms);
    busyMs += ms;
  });
  const functions = [...selfMs].map(([name, ms]) => ({ name, selfMs: ms })).sort((a, b) => b.selfMs - a.selfMs);
  return { busyMs, functions };
}

// Of a path what tells the package and the file.
const shortPath = (url) => url.replace(/^.*\/(node_modules|packages|apps)\//, "").replace("/dist/", "/");

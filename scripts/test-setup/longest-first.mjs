// Runs the longest test files first: a worker that begins one last would have the others wait for it.
import Sequencer from "@jest/test-sequencer";

/** Whole-system tests that take more than half a minute, longest first; then come the others, integration and unit tests. */
const LONGEST = [
  "backends",
  "interruptions",
  "functions",
  "poison",
  "fairness",
  "session-faults",
  "server-faults",
  "storm",
  "start",
];
const KINDS = [/\.e2e\.test\.ts$/, /\.integration\.test\.ts$/];

export default class LongestFirst extends Sequencer {
  sort(tests) {
    return [...tests].sort((a, b) => rank(a.path) - rank(b.path) || (a.path < b.path ? -1 : 1));
  }
}

function rank(path) {
  const place = LONGEST.findIndex((name) => path.endsWith(`/e2e/${name}.e2e.test.ts`));
  if (place >= 0) return place;
  const kind = KINDS.findIndex((pattern) => pattern.test(path));
  return LONGEST.length + (kind < 0 ? KINDS.length : kind);
}

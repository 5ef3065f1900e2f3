// Runs the longest test files first: a worker that begins one last would have the others wait for it.
import Sequencer from "@jest/test-sequencer";

/** What takes longest, on its own or on a slow machine, longest first; then come the other whole-system, integration and unit tests. */
const LONGEST = [
  "interruptions.e2e",
  "backends.e2e",
  "functions.e2e",
  "waiting-requests.e2e",
  "provider-kills.e2e",
  "fairness.e2e",
  "poison.e2e",
  "session-faults.e2e",
  "storm.e2e",
  "queues.integration",
  "node-http2-session",
  "server-faults.e2e",
  "accept-faults.integration",
  "embedded-postgres.integration",
  "embedded-postgres-environment.integration",
];
const KINDS = [/\.e2e\.test\.ts$/, /\.integration\.test\.ts$/];

export default class LongestFirst extends Sequencer {
  sort(tests) {
    return [...tests].sort((a, b) => rank(a.path) - rank(b.path) || (a.path < b.path ? -1 : 1));
  }
}

function rank(path) {
  const place = LONGEST.findIndex((name) => path.endsWith(`/${name}.test.ts`));
  if (place >= 0) return place;
  const kind = KINDS.findIndex((pattern) => pattern.test(path));
  return LONGEST.length + (kind < 0 ? KINDS.length : kind);
}

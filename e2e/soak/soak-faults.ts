import { setTimeout as sleep } from "node:timers/promises";
import { canLoseLeases } from "../chaos/can-lose-leases.js";
import { createInjector } from "../chaos/inject-faults.js";
import type { Installation } from "../chaos/installation.js";
import type { Fault } from "../chaos/plan.js";
import type { Timeline } from "../chaos/timeline.js";

/** In turn, one every so often. Only second processes die: the memory of the first ones is watched from end to end. */
const FAULTS: readonly Fault[] = [
  { kind: "provider", body: { provider: "APN", kind: "goaway", lastStream: "half" } },
  { kind: "terminate", target: "fcm-worker-2" },
  { kind: "endSessions" },
  { kind: "provider", body: { provider: "FCM", kind: "destroy" } },
  { kind: "kill", target: "apns-worker-2" },
  { kind: "loseQueues" },
  { kind: "kill", target: "fanout-worker-2" },
  { kind: "revokeAccessTokens" },
  { kind: "cut", link: "fcm-worker-1 → postgres", durationMs: 500 },
  { kind: "swapCredential", provider: "APN" },
];

/** Injects faults one after the other until it is stopped; resolves then with how often a lease may have been lost. */
export function startSoakFaults(installation: Installation, everyMs: number, timeline: Timeline) {
  const stopped = new AbortController();
  const injector = createInjector(installation);
  const counts = { faults: 0, interruptions: 0 };

  async function run(): Promise<void> {
    for (let turn = 0; !stopped.signal.aborted; turn++) {
      await sleep(everyMs, undefined, { signal: stopped.signal }).catch(() => undefined);
      const fault = FAULTS[turn % FAULTS.length];
      if (stopped.signal.aborted || !fault) return;
      timeline.event("fault", { fault });
      if (!(await injector.inject(fault))) continue;
      counts.faults++;
      if (canLoseLeases(fault)) counts.interruptions++;
    }
  }
  const running = run();
  return {
    async stop() {
      stopped.abort();
      await running;
      return counts;
    },
  };
}

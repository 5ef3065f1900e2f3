import { setTimeout as sleep } from "node:timers/promises";
import type { LinkMode } from "@fanfare/testkit";
import { anApnContent, anFcmContent, knownToApple, knownToGoogle } from "../support/customers.js";
import { signalProcess, signalTree } from "../support/process-tree.js";
import { type Installation, requireLink } from "./installation.js";
import { createPatientClient } from "./patient-client.js";
import type { Fault, Plan, PlannedFault } from "./plan.js";
import type { Timeline } from "./timeline.js";

/** What came of the faults of a run. */
export interface InjectedFaults {
  /** Those that were injected; one whose process was just starting again is none. */
  injected: PlannedFault[];
  /** What could not be done, in words: the run itself is at fault then. */
  problems: string[];
}

/** So long the simulator takes to answer, in milliseconds: whenever a process dies there are pushes in flight. */
const LATENCY = { minMs: 50, maxMs: 1_000 };

/** Injects the faults of a plan at their times, and resolves once all of them have ended and everything runs again. */
export async function injectFaults(
  installation: Installation,
  { faults, seed, stormIntensity }: Plan,
  timeline: Timeline,
): Promise<InjectedFaults> {
  const { simulator } = installation;
  const injector = createInjector(installation);
  const log: InjectedFaults = { injected: [], problems: [] };
  const beganAt = performance.now();
  await simulator.simulateForGood("PUT", "/latency", LATENCY);
  await simulator.simulateForGood("PUT", "/storm", { seed, intensity: stormIntensity });

  await Promise.all(
    faults.map(async (fault) => {
      await sleep(Math.max(0, beganAt + fault.atMs - performance.now()));
      timeline.event("fault", { fault });
      try {
        if (await injector.inject(fault)) log.injected.push(fault);
      } catch (error) {
        log.problems.push(`${JSON.stringify(fault)}: ${(error as Error).stack}`);
      }
      timeline.event("fault is over", { fault });
    }),
  );
  await simulator.simulateForGood("PUT", "/storm", { seed, intensity: 0 });
  await simulator.simulate("DELETE", "/faults");
  timeline.event("all faults are over");
  return log;
}

/** Makes what injects single faults. */
export function createInjector(installation: Installation) {
  const { links, deaths, pidOf, url, authorization, simulator } = installation;
  const client = createPatientClient(url, authorization);
  const lastOnLink = new Map<string, Fault>();

  /** Of two faults on a link the later one counts, until it ends. */
  async function spoilLink(name: string, mode: LinkMode, fault: Fault & { durationMs: number }): Promise<void> {
    const link = requireLink(links, name);
    lastOnLink.set(name, fault);
    link.set(mode);
    await sleep(fault.durationMs);
    if (lastOnLink.get(name) === fault) link.set({ kind: "pass" });
  }

  function end(target: string, signal: NodeJS.Signals): boolean {
    const pid = pidOf(target);
    // A second signal would end it at once.
    if (pid === undefined || (signal !== "SIGKILL" && deaths.isExpected(target))) return false;
    if (!signalProcess(pid, signal)) return false;
    deaths.expect(target, signal);
    return true;
  }

  async function pause(target: string, durationMs: number): Promise<boolean> {
    const pid = pidOf(target);
    if (pid === undefined) return false;
    signalTree(pid, "SIGSTOP");
    await sleep(durationMs);
    signalTree(pid, "SIGCONT");
    return true;
  }

  async function swapCredential(provider: "FCM" | "APN"): Promise<void> {
    const { body } = await client.call("GET", "/v1/PushNotifications/Credentials");
    const { credentials } = body as { credentials: { id: string; credentialType: string }[] };
    const id = credentials.find(({ credentialType }) => credentialType === provider)?.id;
    const content = provider === "FCM" ? anFcmContent() : anApnContent();
    const known = { simulate: simulator.simulateForGood };
    if ("key" in content) await knownToApple(known, content);
    else await knownToGoogle(known, content);
    const { status } = await client.call("PATCH", `/v1/PushNotifications/Credentials/${id}`, { body: { content } });
    if (status !== 200) throw new Error(`The credential could not be changed: ${status}`);
  }

  /** Resolves once the fault has ended: with whether it could be injected. */
  async function inject(fault: Fault): Promise<boolean> {
    switch (fault.kind) {
      case "kill":
        return end(fault.target, "SIGKILL");
      case "terminate":
        // On SIGTERM Postgres waits for its clients, who stay; SIGINT is its orderly end.
        return end(fault.target, fault.target === "postgres" ? "SIGINT" : "SIGTERM");
      case "pause":
        return pause(fault.target, fault.durationMs);
      case "delay":
        await spoilLink(fault.link, { kind: "delay", delayMs: fault.delayMs }, fault);
        return true;
      case "cut":
      case "stall":
      case "loseAnswers":
        await spoilLink(fault.link, { kind: fault.kind }, fault);
        return true;
      case "loseQueues":
        await loseQueues(installation);
        return true;
      case "endSessions":
        await endSessions(installation);
        return true;
      case "provider":
        await simulator.simulate("POST", "/faults", fault.body);
        return true;
      case "revokeAccessTokens":
        await simulator.simulate("DELETE", "/access-tokens");
        return true;
      case "swapCredential":
        await swapCredential(fault.provider);
        return true;
    }
  }
  return { inject };
}

async function loseQueues({ redis, db }: Installation): Promise<void> {
  if (redis) await redis.flush();
  else await whileDatabaseIsBack(() => db.$executeRawUnsafe("delete from bullmq.job where state = 'waiting'"));
}

async function endSessions({ db }: Installation): Promise<void> {
  await whileDatabaseIsBack(
    () => db.$queryRaw`
      select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  );
}

/** A fault that needs the database may come while another one has it down. */
async function whileDatabaseIsBack(statement: () => PromiseLike<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await statement();
      return;
    } catch (error) {
      if (tries === 40) throw error;
      await sleep(250);
    }
  }
}

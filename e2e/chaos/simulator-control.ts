import { setTimeout as sleep } from "node:timers/promises";
import type { TcpProxy } from "@fanfare/testkit";

/** Calls of a token that the simulator received, and how many of them it accepted. */
export interface TokenCounts {
  calls: number;
  accepted: number;
}

/** The simulator, as the run drives and asks it. */
export interface SimulatorControl {
  simulate(method: string, path: string, body?: unknown): Promise<void>;
  /** The same, for what is to be so again after the simulator died and was started again. */
  simulateForGood(method: string, path: string, body: unknown): Promise<void>;
  /** It died: nobody reaches it before all that is to be so again is. */
  restore(): Promise<void>;
  /** By provider and token, see {@link tokenKeyOf}. */
  tokens(): Promise<Map<string, TokenCounts>>;
}

const TRIES = 60;
const RETRY_MS = 250;

/** `links`: those over which senders reach it. Makes a client of the simulator's control API that waits for a simulator which is paused or starts again. */
export function createSimulatorControl(url: string, links: readonly TcpProxy[]): SimulatorControl {
  const forGood: Parameters<SimulatorControl["simulateForGood"]>[] = [];

  async function call(method: string, path: string, body?: unknown): Promise<Response> {
    for (let tries = 1; ; tries++) {
      try {
        const res = await fetch(`${url}${path}`, {
          method,
          headers: { "content-type": "application/json" },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        if (!res.ok) throw new Error(`${method} ${path}: ${res.status} ${await res.text()}`);
        return res;
      } catch (error) {
        if (tries === TRIES) throw error;
        await sleep(RETRY_MS);
      }
    }
  }

  async function simulate(method: string, path: string, body?: unknown): Promise<void> {
    await (await call(method, path, body)).body?.cancel();
  }

  return {
    simulate,
    async simulateForGood(method, path, body) {
      forGood.push([method, path, body]);
      await simulate(method, path, body);
    },
    async restore() {
      for (const link of links) link.close();
      for (const [method, path, body] of forGood) await simulate(method, path, body);
      for (const link of links) link.open();
    },
    async tokens() {
      const res = await call("GET", "/counts/tokens");
      const counts = new Map<string, TokenCounts>();
      for (const line of (await res.text()).split("\n")) {
        if (line === "") continue;
        const { provider, token, calls, accepted } = JSON.parse(line) as TokenCounts & {
          provider: string;
          token: string;
        };
        counts.set(tokenKeyOf(provider, token), { calls, accepted });
      }
      return counts;
    },
  };
}

/** What a token's counts are found under. */
export const tokenKeyOf = (provider: string, token: string) => `${provider} ${token}`;

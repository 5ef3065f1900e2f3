import { createSessionPool, type OpenSession, type PushReply, type SessionPool } from "@fanfare/delivery";
import { type Simulator, startSimulator } from "@fanfare/simulator";

/** A simulator of each test's own. */
export interface UsedSimulator {
  readonly simulator: Simulator;
  /** Makes a pool of sessions, closed with the test. */
  pool(open: OpenSession, retireAfter?: (reply: PushReply) => boolean): SessionPool;
  /** Calls its control API. */
  control(method: string, path: string, body: object): Promise<void>;
}

/** Starts a simulator for each test of a file; to be called once, at its top. */
export function useSimulator(): UsedSimulator {
  let simulator: Simulator;
  let pools: SessionPool[] = [];
  beforeEach(async () => {
    simulator = await startSimulator();
  });
  afterEach(async () => {
    await Promise.all(pools.map((pool) => pool.close()));
    pools = [];
    await simulator.close();
  });
  return {
    get simulator() {
      return simulator;
    },
    pool(open, retireAfter) {
      const pool = createSessionPool({ open, ...(retireAfter && { retireAfter }) });
      pools.push(pool);
      return pool;
    },
    async control(method, path, body) {
      const headers = { "content-type": "application/json" };
      const res = await fetch(`${simulator.urls.control}${path}`, { method, headers, body: JSON.stringify(body) });
      if (!res.ok) throw new Error(`${method} ${path}: ${res.status} ${await res.text()}`);
    },
  };
}

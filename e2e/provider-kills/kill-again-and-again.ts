import { until } from "@fanfare/testkit";
import type { ProviderProcess } from "../support/provider-process.js";
import type { RunningStack } from "../support/run-stack.js";

/** A kill of the provider. */
export interface Kill {
  at: Date;
  /** On which something came since the provider had started. */
  connections: number;
}

interface Request {
  provider: string;
  connection: number;
}

/** How often it is killed, until something has settled, and where each kill is written down. */
export interface Kills {
  everyMs: number;
  until: Promise<unknown>;
  kills: Kill[];
}

/** Kills the provider and starts it again, that often, but never before something has come to it. */
export async function killAgainAndAgain(
  stack: RunningStack,
  provider: ProviderProcess,
  { everyMs, until: end, kills }: Kills,
): Promise<void> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  end.then(over, over);
  let notBefore = performance.now() + everyMs;
  while (!isOver) {
    const connections = await until(async (see) => {
      const since = await connectionsSinceStart(stack);
      return see(isOver) || (see(performance.now() >= notBefore) && see(since) > 0 && { since });
    });
    if (isOver || connections === true) break;
    notBefore = performance.now() + everyMs;
    kills.push({ at: new Date(), connections: connections.since });
    await provider.killAndStart();
  }
}

async function connectionsSinceStart({ simulatorUrl }: RunningStack): Promise<number> {
  const res = await fetch(`${simulatorUrl}/received?limit=10000`);
  const { requests } = (await res.json()) as { requests: Request[] };
  return new Set(requests.map(({ provider, connection }) => `${provider} ${connection}`)).size;
}

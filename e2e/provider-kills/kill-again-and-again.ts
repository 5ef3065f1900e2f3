import { until } from "@fanfare/testkit";
import type { ProviderProcess } from "../support/provider-process.js";
import type { RunningStack } from "../support/run-stack.js";
import { delayOf } from "./send-steadily.js";

/** A kill of the provider. */
export interface Kill {
  at: Date;
  /** On which something came since the provider had started. */
  connections: number;
}

interface Request {
  at: string;
  provider: string;
  connection: number;
  token: string;
  outcome: string;
}

/** A push that is answered sooner may be over before the kill, in milliseconds. */
const STILL_MS = 200;

/** So many are to be interrupted by each kill. */
const OWED = 10;

/** How often it is killed, until something has settled, and where each kill is written down. */
export interface Kills {
  everyMs: number;
  until: Promise<unknown>;
  kills: Kill[];
}

/** Kills the provider and starts it again, that often, but never without something that it has not answered yet. */
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
      const requests = await receivedSinceStart(stack);
      const isDue =
        see(performance.now() >= notBefore) && see(requests.length) > 0 && requests.filter(isInFlight).length >= OWED;
      return see(isOver) || (isDue && connectionsOf(requests));
    });
    if (isOver || connections === true) break;
    notBefore = performance.now() + everyMs;
    kills.push({ at: new Date(), connections });
    await provider.killAndStart();
  }
}

async function receivedSinceStart({ simulatorUrl }: RunningStack): Promise<Request[]> {
  const res = await fetch(`${simulatorUrl}/received?limit=10000`);
  return ((await res.json()) as { requests: Request[] }).requests;
}

/** Not what is refused, as FCM's are for want of an access token: that is answered at once. */
function isInFlight({ at, token, outcome }: Request): boolean {
  return outcome === "accept" && Date.parse(at) + delayOf(token) > Date.now() + STILL_MS;
}

function connectionsOf(requests: Request[]): number {
  return new Set(requests.map(({ provider, connection }) => `${provider} ${connection}`)).size;
}

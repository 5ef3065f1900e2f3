import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Below the ports that an embedded Postgres takes one of at random (20,000 to 32,767), and those of outgoing connections
 * above: between being found free and being used, or while an app is killed, neither may take a port.
 */
const END = 20_000;
const LOWEST = 10_000;

/** Ports of each jest worker's own: what one finds free no other takes before it is used. */
const PER_WORKER = 600;
const WORKERS = Math.floor((END - LOWEST) / PER_WORKER);

/** Another run on this machine begins elsewhere. */
let next = randomInt(PER_WORKER);

/**
 * Free ports by name, fixed for the run: an app that is started again comes back where it was. No connection is given one
 * of them meanwhile, as of those that `listen(0)` gives.
 */
export async function freePorts<Name extends string>(...names: Name[]): Promise<Record<Name, string>> {
  const ports: [Name, string][] = [];
  for (const name of names) ports.push([name, String(await freePort())]);
  return Object.fromEntries(ports) as Record<Name, string>;
}

/** A port that nobody listens on, and that is given to nobody who asks for any. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PER_WORKER; tries++) {
    const port = nextPort();
    if (await isFree(port)) return port;
  }
  throw new Error(`All ${PER_WORKER} ports of this worker are taken.`);
}

function nextPort(): number {
  const worker = Number(process.env.JEST_WORKER_ID ?? 0) % WORKERS;
  return LOWEST + worker * PER_WORKER + (next++ % PER_WORKER);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

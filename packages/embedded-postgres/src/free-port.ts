import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Systems give outgoing connections ports from here on (Linux), or higher ones. */
const EPHEMERAL = 32_768;
const LOWEST = 20_000;
const TRIES = 100;

/**
 * A TCP port of 127.0.0.1 that nobody uses at this moment; another server may a moment later. No outgoing connection does:
 * it would keep a server that died from coming back, and a client that calls in vain could even be connected with itself.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(LOWEST, EPHEMERAL);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port was found among ${TRIES} from ${LOWEST} to ${EPHEMERAL - 1}.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

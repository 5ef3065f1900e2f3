import { type LookupAddress, type LookupOptions, lookup } from "node:dns";
import type { LookupFunction } from "node:net";

type Resolve = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Makes a lookup that asks anew for each connection and begins with another address each time, so that a worker's sessions are
 * spread over a provider's servers (Apple, "Sending notification requests to APNs": spread over several connections).
 */
export function createRotatingLookup(resolve: Resolve = lookup): LookupFunction {
  // For each host, so that connections to two hosts in turn do not skip the same addresses for ever.
  const turns = new Map<string, number>();
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const turn = turns.get(hostname) ?? 0;
      turns.set(hostname, turn + 1);
      const first = turn % Math.max(1, addresses.length);
      const rotated = [...addresses.slice(first), ...addresses.slice(0, first)];
      if (options.all) return callback(null, rotated);
      callback(null, rotated[0]?.address ?? "", rotated[0]?.family);
    });
  };
}

/** One rotation for the whole process, so that all its pools together are spread over the addresses. */
export const rotatingLookup = createRotatingLookup();

import { randomInt } from "node:crypto";

/** Of FNV-1a with 32 bits. */
const PRIME = 16_777_619;

/** What hashes begin with: another number in each process, so that nobody can choose keys that have the same hash. */
export const SEED = randomInt(2 ** 32) | 0;

/** A hash of a part of some bytes. */
export function hashOf(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let hash = SEED;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), PRIME);
  return hash;
}

/** The hash of a sequence of hashes and of one more. */
export function mix(sequence: number, hash: number): number {
  return Math.imul(sequence ^ hash ^ (sequence >>> 15), PRIME);
}

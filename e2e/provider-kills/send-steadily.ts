import { setTimeout } from "node:timers/promises";
import type { RunningStack } from "../support/run-stack.js";

/** What all tokens of these sends are named. */
export const NAME = "kills";

/** A send every so many milliseconds: there is always one whose pushes are on their way. */
const EVERY_MS = 500;

/** The provider takes up to so long over a push, in milliseconds: a part of what it lives for. */
const SLOW_MS = 600;

/** How many are sent, over how many seconds. */
export interface SteadySends {
  pushes: number;
  seconds: number;
  /** One in so many goes through FCM. */
  fcmEvery: number;
  /** Asked when that is over: as long as it is not enough, it goes on, as a slow machine may need it. */
  isEnough: () => boolean;
}

/** Sends a part of the pushes every half a second. Resolves with the operations, and how many pushes they are. */
export async function sendSteadily(stack: RunningStack, { pushes, seconds, fcmEvery, isEnough }: SteadySends) {
  const operations: string[] = [];
  const rounds = Math.ceil((seconds * 1_000) / EVERY_MS);
  const beganAt = performance.now();
  let sent = 0;
  for (let round = 0; round < rounds || !isEnough(); round++) {
    const size = Math.floor((pushes * (round + 1)) / rounds) - sent;
    const to = Array.from({ length: size }, (_, index) => aRecipient(sent + index, fcmEvery));
    operations.push((await stack.api.send({ to, content: { title: NAME } })).operationId);
    sent += size;
    await setTimeout(Math.max(0, beganAt + (round + 1) * EVERY_MS - performance.now()));
  }
  return { operations, sent };
}

function aRecipient(index: number, fcmEvery: number) {
  const provider = index % fcmEvery === 0 ? "FCM" : "APN";
  // 37 and 600 have no factor in common: all times are had, and neighbours differ.
  return { provider, token: `slow-${(index * 37) % SLOW_MS}-${NAME}-${index}` };
}

/** How long the provider takes over the push to a token of these, in milliseconds. */
export function delayOf(token: string): number {
  return Number(/^slow-(\d+)-/.exec(token)?.[1] ?? 0);
}

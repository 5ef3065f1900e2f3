import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { z } from "zod";
import { type BrokenGuard, GUARDS } from "./guards.js";
import type { Plan } from "./plan.js";

/** What a chaos run is asked to do. */
export interface ChaosOptions {
  /** The first one. */
  seed: number;
  seeds: number;
  profile: string;
  /** Builds that lack these guards are run, instead of this one. */
  broken: BrokenGuard[];
  /** The seed for those, if the one that is known to find each out is not wanted. */
  brokenSeed: number | undefined;
  backends: Plan["backend"][];
  recipients: number;
  /** Faults are injected for so long, in milliseconds. */
  windowMs: number;
  /** After the last fault everything must have ended within so long, in milliseconds. */
  settleMs: number;
  /** No process has a wrong clock. */
  rightClocks: boolean;
  /** Folder of the results and of the autopsies. */
  outDir: string;
  /** Whether the logs of seeds that passed are kept, too. */
  keep: boolean;
}

const PROFILES = {
  /** For CI. */
  short: { recipients: 2_000, windowMs: 10_000, settleMs: 80_000 },
  full: { recipients: 20_000, windowMs: 20_000, settleMs: 120_000 },
  /** For a night. */
  long: { recipients: 100_000, windowMs: 180_000, settleMs: 300_000 },
};

const GUARD_NAMES = Object.keys(GUARDS) as [BrokenGuard, ...BrokenGuard[]];
const count = z.coerce.number().int().min(1);
const argumentsSchema = z.object({
  seed: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31)
    .optional(),
  seeds: count.max(10_000).default(1),
  backend: z.enum(["postgres", "redis", "both"]).default("both"),
  profile: z.enum(["short", "full", "long"]).default("full"),
  recipients: count.max(1_000_000).optional(),
  broken: z.enum([...GUARD_NAMES, "all"]).optional(),
  out: z.string().default("chaos-results"),
  keep: z.boolean().default(false),
  "right-clocks": z.boolean().default(false),
});

/** Reads the command line. @throws ZodError that names the option that is not valid. */
export function readOptions(args: readonly string[]): ChaosOptions {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ seed: text, seeds: text, backend: text, profile: text, recipients: text, out: text, broken: text },
      ...{ keep: { type: "boolean" }, "right-clocks": { type: "boolean" } },
    },
  });
  const given = argumentsSchema.parse(values);
  const { seed = randomInt(2 ** 31), seeds, backend, profile, out, keep, recipients, broken } = given;
  return {
    ...{ seed, seeds, profile, brokenSeed: given.seed },
    broken: broken === undefined ? [] : broken === "all" ? GUARD_NAMES : [broken],
    backends: backend === "both" ? ["postgres", "redis"] : [backend],
    ...PROFILES[profile],
    ...(recipients !== undefined && { recipients }),
    ...{ outDir: out, keep, rightClocks: given["right-clocks"] },
  };
}

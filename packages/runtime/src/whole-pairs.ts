import type { z } from "zod";

/** Settings that mean nothing without another one: each name, and what it needs. */
export type Needs = Readonly<Record<string, readonly string[]>>;

/** A schema that refuses settings without those that they need: given by halves they would be ignored without a word. */
export function wholePairs<Schema extends z.ZodType<object>>(settings: Schema, needs: Needs): Schema {
  return settings.superRefine((config, ctx) => {
    const given = new Map(Object.entries(config));
    const missing = new Map<string, string>();
    for (const [name, others] of Object.entries(needs)) {
      if (given.get(name) === undefined) continue;
      for (const other of others) if (given.get(other) === undefined && !missing.has(other)) missing.set(other, name);
    }
    for (const [name, by] of missing) {
      ctx.addIssue({ code: "custom", path: [name], message: `is required when ${by} is set` });
    }
  });
}

/** The account's id without its secret, or the other way round, is no access. */
export const ACCOUNT_PAIR: Needs = {
  FANFARE_ACCOUNT_ID: ["FANFARE_AUTH_TOKEN"],
  FANFARE_AUTH_TOKEN: ["FANFARE_ACCOUNT_ID"],
};

/** The same of an API key. */
export const API_KEY_PAIR: Needs = {
  FANFARE_API_KEY: ["FANFARE_API_KEY_SECRET"],
  FANFARE_API_KEY_SECRET: ["FANFARE_API_KEY"],
};

/** The key before another one. */
export const MASTER_KEY_PAIR: Needs = { FANFARE_MASTER_KEY_PREVIOUS: ["FANFARE_MASTER_KEY"] };

/** What goes with a signing key of Apple. */
export const SIGNING_KEY_PAIR: Needs = {
  APNS_KEY_ID: ["APNS_KEY"],
  APNS_TEAM_ID: ["APNS_KEY"],
  APNS_TOPIC: ["APNS_KEY"],
};

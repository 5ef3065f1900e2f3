import { describeIssue } from "@fanfare/domain";
import type { z } from "zod";

/** The environment that a process was started with. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A configuration, or everything that is wrong with it, one readable line each. */
export type ParsedConfig<Config> = { ok: true; config: Config } | { ok: false; problems: string[] };

/**
 * Reads a configuration from environment variables and collects all problems at once. An empty variable counts as an
 * absent one. Problems never carry the values: they may be secrets. Of a text that has not the form it should have, its length is told.
 */
export function parseConfig<Schema extends z.ZodType>(schema: Schema, env: Environment): ParsedConfig<z.infer<Schema>> {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const result = schema.safeParse(present, { reportInput: false, error: describeIssue });
  if (result.success) return { ok: true, config: result.data };
  const problems = result.error.issues.map((issue) => {
    const { code, path, message } = issue;
    const value = present[String(path[0])];
    const name = path.map(String).join(".") || "configuration";
    // A schema's own rule says more: "is required when …".
    const missing = path.length > 0 && value === undefined && code !== "custom";
    return `${name}: ${missing ? "is required" : `${message}${isAboutText(issue) ? lengthOf(value) : ""}`}`;
  });
  return { ok: false, problems };
}

/** What is wrong with the form of a text: an own rule of a schema says what it has to say itself. */
const isAboutText = (issue: z.core.$ZodIssue) =>
  issue.code === "invalid_format" || ("origin" in issue && issue.origin === "string");

const lengthOf = (value: string | undefined) => (value === undefined ? "" : `; it has ${value.length} characters`);

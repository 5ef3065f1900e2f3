import type { z } from "zod";
import { EX_CONFIG } from "./exit-codes.js";
import { type Environment, parseConfig } from "./parse-config.js";

/** Reads the configuration; when it is not valid, prints every problem and ends the process with code 78. */
export function readConfig<Schema extends z.ZodType>(schema: Schema, env: Environment): z.infer<Schema> {
  const parsed = parseConfig(schema, env);
  if (parsed.ok) return parsed.config;
  process.stderr.write(`The configuration is not valid:\n${parsed.problems.map((line) => `  ${line}\n`).join("")}`);
  process.exit(EX_CONFIG);
}

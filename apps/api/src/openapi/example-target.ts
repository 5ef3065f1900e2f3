import type { z } from "zod";
import type { Route } from "../route.js";

/** Path and query of a request for a route, with what its parameters have for examples. */
export function exampleTarget({ path, params, exampleQuery }: Route): string {
  const parameters = (params as z.ZodObject | undefined)?.shape ?? {};
  const filled = path.replaceAll(/:(\w+)/g, (_all, name: string) => {
    const [example] = parameters[name]?.meta()?.examples ?? [];
    if (example === undefined) throw new Error(`The parameter ${name} of ${path} has no example.`);
    return encodeURIComponent(String(example));
  });
  return exampleQuery ? `${filled}?${new URLSearchParams(exampleQuery)}` : filled;
}

import type { NotSent } from "./ports.js";
import { NOT_WANTED } from "./push-session.js";

/** What passes by itself, within the worker or between it and a provider that it reaches: no sender has use of it. */
const PASSING = new Set([NOT_WANTED, "CLOSED", "NO_FREE_STREAM", "DRAINING", "GOAWAY", "REFUSED_STREAM"]);

/** What is told of a line whose request a provider did not process; `code` is the pool's or the session's. */
export function unsentRequest(code: string, provider: "APNs" | "FCM"): NotSent {
  if (PASSING.has(code)) return { kind: "not-sent", code };
  return {
    ...{ kind: "not-sent", code },
    detail: `${provider} could not be called (${code}).`,
    advice: "It goes on by itself once that works: look at the worker's way to the provider.",
  };
}

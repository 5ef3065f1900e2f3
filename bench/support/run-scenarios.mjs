import { createScope } from "./scope.mjs";

/** How long a scenario that ran out of time may take to give everything back. */
const STOP_MS = 60_000;

/**
 * Runs scenarios one after the other on one sink. One that fails, or runs out of time, is reported and gives back what it held,
 * and the next begins. Resolves with the data of each, and with what went wrong.
 */
export async function runScenarios(scenarios, { signal, onBegin, onEnd, ...bench }) {
  const results = {};
  const failures = {};
  for (const [name, scenario] of Object.entries(scenarios)) {
    if (signal.aborted) break;
    onBegin(name, scenario);
    const missing = (scenario.needs ?? []).filter((needed) => !results[needed]);
    try {
      if (missing.length > 0) throw new Error(`It needs the scenario ${missing.join(", ")}.`);
      results[name] = await runOne(scenario, { ...bench, results, signal });
      onEnd(name, scenario, results[name]);
    } catch (error) {
      failures[name] = error;
      onEnd(name, scenario, undefined, error);
    }
  }
  return { results, failures };
}

async function runOne({ run, timeoutMs }, bench) {
  const scopes = new Set();
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([bench.signal, timeout]);
  const inScope = async (work) => {
    const scope = createScope();
    scopes.add(scope);
    try {
      return await work(scope);
    } catch (error) {
      throw new Error(`${error.message}${scope.log.map((line) => `\n    ${line}`).join("")}`, { cause: error });
    } finally {
      scopes.delete(scope);
      await scope.close();
    }
  };
  const begun = performance.now();
  try {
    const data = await Promise.race([run({ ...bench, signal, inScope }), whenAborted(signal)]);
    return { seconds: (performance.now() - begun) / 1_000, ...data };
  } finally {
    // Of a run that was given up.
    await Promise.race([Promise.all([...scopes].map((scope) => scope.close())), giveUp(STOP_MS)]);
  }
}

function whenAborted(signal) {
  const reason = () => (signal.reason?.name === "TimeoutError" ? new Error("It took too long.") : signal.reason);
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(reason());
    signal.addEventListener("abort", () => reject(reason()), { once: true });
  });
}

function giveUp(afterMs) {
  return new Promise((resolve) => setTimeout(resolve, afterMs).unref());
}

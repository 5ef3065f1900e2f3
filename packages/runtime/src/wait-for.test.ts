import { createLogger } from "./logger.js";
import { waitFor } from "./wait-for.js";

function aWait() {
  const lines: { msg: string; reason?: string }[] = [];
  const log = createLogger("test", { destination: { write: (line) => void lines.push(JSON.parse(line)) } });
  const stop = new AbortController();
  return { lines, stop, options: { log, signal: stop.signal } };
}

test("what is at hand is not waited for, and nothing is said", async () => {
  const { lines, options } = aWait();
  expect(await waitFor("it", async () => 1, options)).toBe(1);
  expect(lines).toEqual([]);
});

test("what comes later is waited for, which is said once, with the reason, and that it is there", async () => {
  const { lines, options } = aWait();
  let tries = 0;
  const ask = async () => {
    if (++tries < 3) throw new Error("Invalid call\nrefused");
    return tries;
  };
  expect(await waitFor("the store", ask, options)).toBe(3);
  expect(lines).toMatchObject([{ msg: "Waiting for the store", reason: "refused" }, { msg: "Waited for the store" }]);
});

test("an error that is no sign of absence ends the wait at once", async () => {
  const { lines, options } = aWait();
  let tries = 0;
  const ask = async () => {
    tries++;
    throw new Error("a bug");
  };
  await expect(waitFor("it", ask, { ...options, isAway: () => false })).rejects.toThrow("a bug");
  expect(tries).toBe(1);
  expect(lines).toEqual([]);
});

test("a TypeError of a store that is half open is waited for too", async () => {
  const { options } = aWait();
  let tries = 0;
  const ask = async () => {
    if (++tries === 1) throw new TypeError("Cannot read properties of null");
    return "there";
  };
  expect(await waitFor("it", ask, options)).toBe("there");
});

test("a stop breaks it off", async () => {
  const { stop, options } = aWait();
  const waiting = waitFor(
    "it",
    async () => {
      throw new Error("away");
    },
    options,
  );
  setTimeout(() => stop.abort(), 20);
  await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
});

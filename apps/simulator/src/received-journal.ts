import { ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { Provider } from "./behaviours.js";

/** Something that was counted. */
export interface JournalEntry {
  kind: "call" | "accepted" | "withdrawn";
  provider: Provider;
  token: string;
}

/** Keeps what was counted where a kill does not reach it. */
export interface ReceivedJournal {
  /** What is in it, oldest first. */
  read(): Iterable<JournalEntry>;
  append(entry: JournalEntry): void;
  clear(): void;
}

/**
 * Opens a journal in a file, made if missing. Each entry is written before `append` returns: a killed process has lost none,
 * a machine without power may.
 */
export function openReceivedJournal(file: string): ReceivedJournal {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const opened = openSync(file, "a+", 0o600);
  // An entry that was being written at a kill, or the next one would go into the same line.
  ftruncateSync(opened, readFileSync(file).lastIndexOf("\n") + 1);
  return {
    *read() {
      for (const line of readFileSync(file, "utf8").split("\n")) {
        if (line === "") continue;
        const [kind, provider, token] = JSON.parse(line) as [JournalEntry["kind"], Provider, string];
        yield { kind, provider, token };
      }
    },
    append({ kind, provider, token }) {
      writeSync(opened, `${JSON.stringify([kind, provider, token])}\n`);
    },
    clear: () => ftruncateSync(opened),
  };
}

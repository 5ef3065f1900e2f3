import { createWriteStream, mkdirSync, type WriteStream } from "node:fs";
import { join } from "node:path";

/** What happened in a run, on disk as it happens: of use when nothing else is left. */
export interface Timeline {
  /** A line of a process's log. */
  line(app: string, line: string): void;
  /** Something that the run did or saw. */
  event(what: string, details?: object): void;
  close(): Promise<void>;
}

/** Opens a timeline in a folder: `timeline.ndjson`, and `logs/<process>.log`. */
export function openTimeline(dir: string): Timeline {
  mkdirSync(join(dir, "logs"), { recursive: true });
  const beganAt = performance.now();
  const events = createWriteStream(join(dir, "timeline.ndjson"));
  const logs = new Map<string, WriteStream>();
  return {
    line(app, line) {
      let log = logs.get(app);
      if (!log) {
        log = createWriteStream(join(dir, "logs", `${app}.log`));
        logs.set(app, log);
      }
      log.write(`${line}\n`);
    },
    event(what, details = {}) {
      const atMs = Math.round(performance.now() - beganAt);
      events.write(`${JSON.stringify({ at: new Date().toISOString(), atMs, what, ...details })}\n`);
    },
    async close() {
      const streams = [events, ...logs.values()];
      await Promise.all(streams.map((stream) => new Promise<void>((done) => stream.end(done))));
    },
  };
}

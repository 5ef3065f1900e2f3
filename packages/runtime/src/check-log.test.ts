import { createCheckLog } from "./check-log.js";

test("each change of a check is told once, however often it is asked and whatever its reason becomes", () => {
  const lines: unknown[] = [];
  const log = {
    info: (...line: unknown[]) => void lines.push(line),
    warn: (...line: unknown[]) => void lines.push(line),
  };
  let now = 0;
  const tell = createCheckLog(log, () => now);
  tell("queue", { ok: true });
  expect(lines).toEqual([]);
  for (const detail of ["refused", "refused", "silent"]) tell("queue", { ok: false, detail });
  expect(lines.splice(0)).toEqual([[{ check: "queue", reason: "refused" }, "The check of queue is red"]]);
  now = 61_000;
  tell("postgres", { ok: true });
  tell("queue", { ok: true });
  tell("queue", { ok: true });
  expect(lines.splice(0)).toEqual([[{ check: "queue", redMs: 61_000 }, "The check of queue is green again"]]);
  tell("queue", { ok: false, detail: "refused" });
  expect(lines).toHaveLength(1);
});

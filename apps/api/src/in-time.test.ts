import { inTime } from "./in-time.js";

const never = new Promise<never>(() => undefined);

test("a handler that waits for too long is answered for, with what can be said of a read and of a change", async () => {
  for (const method of ["GET", "HEAD"]) {
    await expect(inTime(never, 10, { method })).rejects.toMatchObject({ status: 503, code: "unavailable" });
  }
  await expect(inTime(never, 10, { method: "POST" })).rejects.toMatchObject({ status: 503, code: "outcome-unknown" });
});

test("one that answers in time, or fails, is not touched", async () => {
  expect(await inTime(Promise.resolve("answer"), 60_000, { method: "GET" })).toBe("answer");
  await expect(inTime(Promise.reject(new Error("no")), 60_000, { method: "POST" })).rejects.toThrow("no");
});

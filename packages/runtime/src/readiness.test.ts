import { runChecks } from "./readiness.js";

test("a process is ready when every check holds", async () => {
  const readiness = await runChecks({ postgres: async () => 1, redis: async () => 1 }, 1_000);
  expect(readiness).toEqual({ ready: true, checks: { postgres: { ok: true }, redis: { ok: true } } });
});

test("a check may have something to say though it holds", async () => {
  const readiness = await runChecks({ credentials: async () => "one is paused" }, 1_000);
  expect(readiness).toEqual({ ready: true, checks: { credentials: { ok: true, detail: "one is paused" } } });
});

test("a check that fails is named with its reason, whichever way it fails", async () => {
  const readiness = await runChecks(
    {
      rejects: () => Promise.reject(new Error("connection refused")),
      throws: () => {
        throw new TypeError("no address");
      },
      fine: async () => undefined,
    },
    1_000,
  );
  expect(readiness).toEqual({
    ready: false,
    checks: {
      rejects: { ok: false, detail: "connection refused" },
      throws: { ok: false, detail: "no address" },
      fine: { ok: true },
    },
  });
});

test("a check that does not answer fails after its own time limit, and holds up no other", async () => {
  const { ready, checks } = await runChecks({ silent: () => new Promise(() => undefined), fine: async () => 1 }, 20);
  expect(ready).toBe(false);
  expect(checks).toEqual({ silent: { ok: false, detail: "no answer within 20 ms" }, fine: { ok: true } });
});

import { createChecks } from "./readiness.js";

const silent = { info: () => undefined, warn: () => undefined };
const checksOf = (timeoutMs = 1_000) => createChecks(timeoutMs, silent);

const away = () => Promise.reject(new Error("connection refused"));

test("a process is ready when every check holds", async () => {
  const checks = checksOf();
  checks.add({ postgres: async () => 1, redis: async () => 1 }, "required");
  expect(await checks.run()).toEqual({ status: "ok", checks: { postgres: { ok: true }, redis: { ok: true } } });
});

test("a check may have something to say though it holds", async () => {
  const checks = checksOf();
  checks.add({ credentials: async () => "one is paused" }, "required");
  expect(await checks.run()).toEqual({
    status: "ok",
    checks: { credentials: { ok: true, detail: "one is paused" } },
  });
});

test("a check that fails is named with its reason, whichever way it fails", async () => {
  const checks = checksOf();
  const throws = () => {
    throw new TypeError("no address");
  };
  checks.add({ rejects: away, throws, fine: async () => undefined }, "required");
  expect(await checks.run()).toEqual({
    status: "unavailable",
    checks: {
      rejects: { ok: false, detail: "connection refused" },
      throws: { ok: false, detail: "no address" },
      fine: { ok: true },
    },
  });
});

test("a check that does not answer fails after its own time limit, and holds up no other", async () => {
  const checks = checksOf(20);
  checks.add({ silent: () => new Promise(() => undefined), fine: async () => 1 }, "required");
  expect(await checks.run()).toEqual({
    status: "unavailable",
    checks: { silent: { ok: false, detail: "no answer within 20 ms" }, fine: { ok: true } },
  });
});

test("what work can wait for degrades; beside what work can not be done without it changes nothing", async () => {
  const checks = checksOf();
  checks.add({ queue: away }, "degrading");
  checks.add({ fine: async () => 1 }, "required");
  expect((await checks.run()).status).toBe("degraded");
  checks.add({ postgres: away }, "required");
  expect((await checks.run()).status).toBe("unavailable");
});

test("only vital checks speak of health, and they speak of readiness too", async () => {
  const checks = checksOf();
  checks.add({ postgres: away }, "required");
  expect(await checks.run("vital")).toEqual({ status: "ok", checks: {} });
  checks.add({ progress: away }, "vital");
  expect((await checks.run("vital")).status).toBe("unavailable");
  expect(Object.keys((await checks.run()).checks)).toEqual(["postgres", "progress"]);
});

test("a check is made once, however many ask at once and whatever they ask for", async () => {
  const checks = checksOf();
  let made = 0;
  checks.add({ progress: async () => void made++ }, "vital");
  await Promise.all(Array.from({ length: 50 }, () => [checks.run(), checks.run("vital")]).flat());
  expect(made).toBe(1);
});

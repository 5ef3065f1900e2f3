import { backlogGate } from "./backlog-gate.js";

/** A gate on a backlog and a clock of the test's own. */
function aGate({ limit = 100, accountLimit = 50, waiting = {} as Record<string, number> } = {}) {
  const state = { waiting, looks: 0, at: 0, fails: false, tookMs: 0, errors: [] as unknown[] };
  const gate = backlogGate({
    limit,
    accountLimit,
    async read() {
      state.looks += 1;
      state.at += state.tookMs;
      if (state.fails) throw new Error("away");
      return new Map(Object.entries(state.waiting));
    },
    onError: (error) => state.errors.push(error),
    now: () => state.at,
  });
  const codeOf = (account: string, recipients = 1) =>
    gate.enter(account, recipients).then(
      () => "taken",
      (error: { code: string; retryAfterSeconds?: number }) => {
        expect(error.retryAfterSeconds).toBeGreaterThan(0);
        return error.code;
      },
    );
  return { state, codeOf };
}

test("while less waits than the limit a send is taken, however large it is", async () => {
  const { codeOf } = aGate({ waiting: { a: 49 } });
  expect(await codeOf("a", 10_000)).toBe("taken");
});

test("an account whose recipients wait is refused, and another one is not", async () => {
  const { codeOf } = aGate({ waiting: { a: 50 } });
  expect(await codeOf("a")).toBe("account-backlog-full");
  expect(await codeOf("b")).toBe("taken");
});

test("with the whole backlog full everybody is refused, and taken again when it is worked off", async () => {
  const { state, codeOf } = aGate({ waiting: { a: 40, b: 30, c: 30 } });
  expect(await codeOf("d")).toBe("backlog-full");
  state.waiting = { a: 40 };
  state.at += 10_000;
  expect(await codeOf("d")).toBe("taken");
});

test("a thousand sends at once ask the database once, and what they bring counts at once", async () => {
  const { state, codeOf } = aGate();
  const codes = await Promise.all(Array.from({ length: 1_000 }, () => codeOf("a")));
  expect(state.looks).toBe(1);
  expect(codes.filter((code) => code === "taken")).toHaveLength(50);
  expect(codes.filter((code) => code === "account-backlog-full")).toHaveLength(950);
});

test("within its interval nothing is asked, and a look that takes long is made less often", async () => {
  const { state, codeOf } = aGate();
  state.tookMs = 500;
  await codeOf("a");
  state.tookMs = 0;
  state.at += 9_000;
  await codeOf("a");
  expect(state.looks).toBe(1);
  state.at += 2_000;
  await codeOf("a");
  expect(state.looks).toBe(2);
});

test("a look that fails keeps what was known, and what came since still counts", async () => {
  const { state, codeOf } = aGate({ waiting: { a: 30 } });
  expect(await codeOf("a", 15)).toBe("taken");
  state.fails = true;
  state.at += 10_000;
  expect(await codeOf("a", 5)).toBe("taken");
  expect(state.errors).toHaveLength(1);
  expect(await codeOf("a")).toBe("account-backlog-full");
});

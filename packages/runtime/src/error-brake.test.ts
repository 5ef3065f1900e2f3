import { createErrorBrake, type ErrorBrakeOptions } from "./error-brake.js";

const FAILED = "A part of the worker failed and goes on";

/** A brake over a clock that the test moves. */
function aBrake(options: ErrorBrakeOptions = {}) {
  const world = { nowMs: 0, lines: [] as { level: string; message: string; fields: Record<string, unknown> }[] };
  const line = (level: string) => (fields: object, message: string) => {
    world.lines.push({ level, message, fields: { ...fields } });
  };
  const log = { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
  const brake = createErrorBrake(log, { ...options, nowMs: () => world.nowMs });
  onTestEnd.push(() => brake.close());
  const pass = (seconds: number, each: () => void = () => undefined) => {
    for (let second = 0; second < seconds; second++) {
      each();
      world.nowMs += 1_000;
      brake.look();
    }
  };
  const report = (err: unknown, message = FAILED) => brake.error({ err }, message);
  const take = () => world.lines.splice(0).map(({ message }) => message);
  return { world, brake, pass, report, take };
}

const onTestEnd: (() => void)[] = [];
afterEach(() => {
  for (const end of onTestEnd.splice(0)) end();
});

test("the first error of a kind is logged at once and in full, the next ones in one line without a stack", () => {
  const { world, brake, pass } = aBrake();
  const err = new Error("broken");
  pass(10, () => {
    for (let n = 0; n < 421; n++) brake.error({ err, requestId: `request ${n}` }, FAILED);
  });
  expect(world.lines).toEqual([
    { level: "error", message: FAILED, fields: { err, requestId: "request 0" } },
    {
      level: "error",
      message: `${FAILED}: … 4,209 times in the last 10 seconds`,
      fields: { kind: "Error: broken", times: 4_209, seconds: 10, last: "broken", requestId: "request 420" },
    },
  ]);
});

test("an error that does not end is told after 10 s, 20 s, 40 s and so on, every 10 minutes in the end, and none is left out", () => {
  const { world, pass, report } = aBrake();
  pass(3_600, () => report(new Error("broken")));
  const told = world.lines.slice(1).map(({ fields }) => fields);
  expect(told.map(({ seconds }) => seconds)).toEqual([10, 20, 40, 80, 160, 320, 600, 600, 600, 600]);
  const sum = told.reduce((total, { times }) => total + Number(times), 0);
  expect(sum).toBe(10 + 20 + 40 + 80 + 160 + 320 + 4 * 600 - 1);
  expect(world.lines.at(-1)?.message).toBe(`${FAILED}: … 600 times in the last 10 minutes`);
});

test("of a server that is away or refuses the reason is told, without a stack; of everything else the error", () => {
  const { world, report } = aBrake();
  report(Object.assign(new Error("connect ECONNREFUSED 10.0.0.7:5432"), { code: "ECONNREFUSED" }));
  report(Object.assign(new Error("ERR unknown command"), { name: "ReplyError" }));
  report(new Error("broken"));
  expect(world.lines.map(({ fields }) => fields)).toEqual([
    { reason: "connect ECONNREFUSED 10.0.0.7:5432" },
    { reason: "ERR unknown command" },
    { err: expect.any(Error) },
  ]);
});

test("a kind that stays away is new again; one that comes every quarter of a minute does not have its stack logged each time", () => {
  const { world, pass, report, take } = aBrake();
  report(new Error("broken"));
  pass(60);
  report(new Error("broken"));
  expect(take()).toEqual([FAILED, FAILED]);
  for (let n = 0; n < 8; n++) {
    pass(15);
    report(new Error("broken"));
  }
  expect(world.lines.every(({ fields }) => !("err" in fields))).toBe(true);
  expect(world.lines[0]?.message).toBe(`${FAILED}: … 1 time in the last 15 seconds`);
  expect(world.lines).toHaveLength(3);
});

test("what was counted and not told yet is told at the close, and what comes after it at once", () => {
  const { brake, report, take, world } = aBrake();
  for (let n = 0; n < 3; n++) report(new Error("broken"));
  report(new TypeError("another"));
  expect(take()).toEqual([FAILED, FAILED]);
  world.nowMs += 4_000;
  brake.close();
  brake.close();
  expect(take()).toEqual([`${FAILED}: … 2 times in the last 4 seconds`]);
  report(new Error("broken"));
  expect(take()).toEqual([FAILED]);
});

test("an error is of another kind where its message or its reason is another, or a process says so of what is below it", () => {
  const unavailable = new Error("gone 7");
  const { report, take } = aBrake({ kindOf: (error) => (error === unavailable ? "unavailable" : undefined) });
  report(new Error("one"));
  report(new Error("two"));
  report(new Error("one"), "The provider can not be reached");
  expect(take()).toHaveLength(3);
  report(unavailable);
  report(new Error("wrapped", { cause: unavailable }));
  expect(take()).toHaveLength(1);
});

test("lines without an error repeat each other when they are about the same operation or credential", () => {
  const { brake, take, world } = aBrake();
  const lost = (operation: string, batch: number) => brake.warn({ operation, batch }, "A batch was taken over");
  lost("a", 1);
  lost("a", 2);
  lost("b", 3);
  expect(take()).toHaveLength(2);
  brake.close();
  expect(world.lines).toMatchObject([{ level: "warn", fields: { operation: "a", batch: 2, kind: "a", times: 1 } }]);
});

test("what is no trouble is not held back", () => {
  const { brake, take } = aBrake();
  for (let n = 0; n < 3; n++) brake.info({}, "The provider takes the credential again");
  expect(take()).toHaveLength(3);
});

test("more kinds than are remembered are counted together, and there is room again once they stay away", () => {
  const { pass, report, take } = aBrake({ maxKinds: 3 });
  const words = ["one", "two", "three", "four", "five", "six"];
  for (const word of words) report(new Error(word));
  expect(take()).toHaveLength(4);
  pass(10);
  expect(take()).toEqual(["Errors of many other kinds: … 2 times in the last 10 seconds"]);
  pass(60);
  for (const word of words.slice(3)) report(new Error(word));
  expect(take()).toHaveLength(3);
});

test("a million kinds take no more room than a few", () => {
  const { brake, take } = aBrake();
  const words = (n: number) => n.toString().replace(/\d/g, (digit) => "abcdefghij"[Number(digit)] ?? "");
  for (let n = 0; n < 100_000; n++) brake.error({ err: new Error(words(n)) }, FAILED);
  expect(take()).toHaveLength(101);
  brake.close();
  expect(take()).toEqual([expect.stringMatching(/^Errors of many other kinds: … 99,899 times in the last second$/)]);
});

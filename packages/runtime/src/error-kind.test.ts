import { errorKind } from "./error-kind.js";

const coded = (code: string, message = code) => Object.assign(new Error(message), { code });

/** As Prisma hands on what its driver adapter tells. */
const prismaError = (cause: object) =>
  Object.assign(coded("P2010"), { meta: { driverAdapterError: Object.assign(new Error("adapter"), { cause }) } });

test.each([
  ["a system call's code", coded("ENOSPC"), "ENOSPC"],
  ["a server that refuses connections", coded("ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:6379"), "unreachable"],
  ["a connection that was cut", coded("ECONNRESET"), "unreachable"],
  ["a server that stops", coded("57P01"), "unreachable"],
  ["an SQLSTATE below Prisma's error", prismaError({ kind: "postgres", originalCode: "42P01" }), "42P01"],
  ["an adapter's kind where the database gave no code", prismaError({ kind: "SocketTimeout" }), "SocketTimeout"],
  ["an error of Prisma's own", coded("P2025"), "P2025"],
  ["the reason of a reason", new Error("a", { cause: new Error("b", { cause: coded("ENOSPC") }) }), "ENOSPC"],
  ["the first of several", new AggregateError([coded("EHOSTUNREACH"), coded("ENOSPC")]), "unreachable"],
  ["what is no error", "a word", "Error: a word"],
  ["nothing", undefined, "Error: undefined"],
])("%s tells the kind", (_what, error, kind) => {
  expect(errorKind(error)).toBe(kind);
});

test("a code of ours does not hide what is below it, nor make all of its errors one", () => {
  const ours = (cause: unknown) => Object.assign(new Error("It went wrong", { cause }), { code: "internal-error" });
  expect(errorKind(ours(coded("ENOSPC")))).toBe("ENOSPC");
  expect(errorKind(ours(undefined))).toBe("Error: It went wrong");
});

test.each([
  ["Job 17 failed after 3.5 s", "Job 18 failed after 12 s"],
  ["No row 0b1e4d0a-94a7-4c3c-8a52-6a1f2f1d7f10", "No row 91cde7a2-3f65-4f0e-9d8b-0c4f6a8be022"],
  ["Operation OP01JD3Q0V7Y8RZK5M2N4P6S8T0W is lost", "Operation OP01JD3Q0V7Y8RZK5M2N4P6S8T1X is lost"],
  ["Token f3a1b2c4d5e6f7a8b9c0 is bad", "Token 00a1b2c4d5e6f7a8b9c1 is bad"],
  ["No answer from 10.0.0.7:5432", "No answer from 192.168.1.20:6432"],
  ["No answer from https://one.example/a?b", "No answer from https://two.example/"],
  ['column "one" of `a`', 'column "two" of `b`'],
])("%j is of the same kind as %j", (one, other) => {
  expect(errorKind(new Error(one))).toBe(errorKind(new Error(other)));
});

test("messages that say something else are of other kinds, and none is long", () => {
  expect(errorKind(new Error("The queue is full"))).not.toBe(errorKind(new Error("The queue is gone")));
  expect(errorKind(new TypeError("x is undefined"))).not.toBe(errorKind(new Error("x is undefined")));
  expect(errorKind(new Error("word ".repeat(1_000_000))).length).toBeLessThanOrEqual(120);
});

test("an error that is its own reason comes to an end", () => {
  const error = new Error("round");
  error.cause = error;
  expect(errorKind(error)).toBe("Error: round");
});

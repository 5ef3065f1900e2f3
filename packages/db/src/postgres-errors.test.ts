import { databaseKind } from "./postgres-errors.js";

/** As Prisma hands on what its driver adapter tells. */
const prismaError = (cause: { kind: string; originalCode?: string }) =>
  Object.assign(new Error("Raw query failed."), { code: "P2010", meta: { driverAdapterError: { cause } } });

test.each([
  ["no connection", prismaError({ kind: "DatabaseNotReachable" })],
  ["a lost connection", new Error("Connection terminated unexpectedly")],
  ["a server that says nothing", new Error("Connection terminated due to connection timeout")],
  ["a server that stops", prismaError({ kind: "postgres", originalCode: "57P01" })],
])("%s is of one kind with every other sign of a database that is away", (_what, error) => {
  expect(databaseKind(error)).toBe("database unreachable");
});

test.each([
  ["a full disk", prismaError({ kind: "postgres", originalCode: "53100" })],
  ["a statement that took too long", prismaError({ kind: "postgres", originalCode: "57014" })],
  ["a constraint", prismaError({ kind: "postgres", originalCode: "23514" })],
  ["an error of something else", new Error("broken")],
])("%s is none: it would be hidden behind an outage", (_what, error) => {
  expect(databaseKind(error)).toBeUndefined();
});

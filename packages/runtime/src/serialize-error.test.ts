import { serializeError, shortenErrorText } from "./serialize-error.js";

const AT = "    at vn.request (/app/main.js:1:2)";

test.each([
  [
    "a raw query",
    "PrismaClientKnownRequestError: \nInvalid `prisma.$executeRaw()` invocation:\n\n\nRaw query failed. Code: `23514`.",
    "PrismaClientKnownRequestError: `prisma.$executeRaw()`: Raw query failed. Code: `23514`.",
  ],
  [
    "a call with its source",
    "PrismaClientKnownRequestError: \nInvalid `db.account.findUnique()` invocation in\n/app/accounts.ts:23:21\n\n  20 \n" +
      "  21 /** The account. */\n  22 export async function findAccount() {\n→ 23   return (await db.account.findUnique(\n" +
      "Can't reach database server",
    "PrismaClientKnownRequestError: `db.account.findUnique()`: Can't reach database server",
  ],
])("of Prisma's message of %s what happened is left", (_what, text, shortened) => {
  expect(shortenErrorText(text)).toBe(shortened);
  expect(shortenErrorText(`${text}\n${AT}`)).toBe(`${shortened}\n${AT}`);
});

test("an error of anyone else is logged as it is, with its fields, its stack and its causes", () => {
  const error = Object.assign(new Error("Outer", { cause: new TypeError("Inner") }), { code: "ENOSPC" });
  expect(serializeError(error)).toMatchObject({
    type: "Error",
    message: expect.stringContaining("Outer"),
    code: "ENOSPC",
    stack: expect.stringMatching(/^Error: Outer\n\s+at [\s\S]*caused by: TypeError: Inner\n\s+at /),
  });
});

test("of a command that Redis refused the name is left, not its arguments: they may be a password", () => {
  const refused = () =>
    Object.assign(new Error("WRONGPASS"), { command: { name: "hello", args: [3, "AUTH", "fanfare", "s3cret"] } });
  const errors = [
    refused(),
    Object.assign(new Error("No node answers"), { lastNodeError: refused() }),
    Object.assign(new AggregateError([refused()], "Several"), { code: "X" }),
    new Error("Outer", { cause: refused() }),
  ];
  for (const error of errors) expect(JSON.stringify(serializeError(error))).not.toContain("s3cret");
  expect(serializeError(refused())).toMatchObject({ command: "hello" });
  expect(serializeError(errors[1] as Error)).toMatchObject({
    lastNodeError: { message: "WRONGPASS", command: "hello" },
  });
  expect(serializeError(errors[2] as Error)).toMatchObject({ code: "X", aggregateErrors: [{ command: "hello" }] });
});

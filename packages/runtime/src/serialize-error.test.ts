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

/** What reading a text that is not of its kind throws. */
function thrownBy(read: () => unknown): Error {
  try {
    read();
  } catch (error) {
    return error as Error;
  }
  throw new Error("Nothing was thrown");
}

const HUSH = "hush-secret";

test.each([
  ["a URL that is none", thrownBy(() => new URL(`postgres://u:pa/${HUSH}@db`))],
  ["JSON that is none", thrownBy(() => JSON.parse(HUSH))],
  ["longer JSON that is none", thrownBy(() => JSON.parse(`{"private_key": ${HUSH}, "more": "and more and more"}`))],
  ["a URL with a password", new Error(`Can't reach database server at redis://user:${HUSH}@x@host:6379/0`)],
  ["a key in PEM form", new Error(`No key: -----BEGIN PRIVATE KEY-----\n${HUSH}\n-----END PRIVATE KEY-----`)],
  ...["'", '"', "`"].map((quote): [string, Error] => [
    `a URL whose password has a ${quote}`,
    new Error(`Can't connect: postgres://u:ab${quote}${HUSH}@host/db`),
  ]),
  [
    "an encrypted key",
    new Error(`-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n${HUSH}\n-----END RSA PRIVATE KEY-----`),
  ],
  ["a key that is cut off", new Error(`-----BEGIN PRIVATE KEY-----\nab-${HUSH}`)],
  ["a URL that is an object", Object.assign(new Error("Away"), { url: new URL(`redis://u:${HUSH}@host`) })],
  ["bytes", Object.assign(new Error("Not valid"), { chunk: Buffer.from(HUSH) })],
  ["what was validated", Object.assign(new Error("Not valid"), { issues: [{ path: ["key"], input: HUSH }] })],
  ["a request's body", Object.assign(new SyntaxError("Not valid"), { body: HUSH })],
  ["a row", Object.assign(new Error("violates check constraint"), { detail: `Failing row contains (1, ${HUSH}).` })],
  ["a key", Object.assign(new Error("duplicate key"), { cause: { detail: `Key (token)=(${HUSH}) already exists.` } })],
  ["a text", Object.assign(new Error("invalid input syntax for type json"), { where: `JSON data, line 1: ${HUSH}` })],
  ["a value", new Error(`invalid input syntax for type uuid: "${HUSH}"`)],
  ["a value in quotes", new Error(`malformed array literal: ""a" ${HUSH}"`)],
  ["a time", new Error(`date/time field value out of range: "${HUSH}"`)],
  ["a value, by Prisma", new Error(`Raw query failed. Message: \`invalid input value for enum "status": "${HUSH}"\``)],
  ["a field with a URL", Object.assign(new Error("Away"), { meta: { url: `redis://u:${HUSH}@host` } })],
])("of %s that an error quotes nothing is logged, however deep it lies", (_what, error) => {
  const deep = new Error("Outer", { cause: new Error("Between", { cause: error }) });
  const beside = Object.assign(new Error("Outer"), { reason: error, meta: { of: [error] } });
  const errors = [error, deep, beside, new AggregateError([error, deep], "Several")];
  for (const each of errors) expect(JSON.stringify(serializeError(each))).not.toContain(HUSH);
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

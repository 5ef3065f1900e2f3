import { AppError, contentSchemaOf, FIELD_CODES, type FieldProblem, MISSING } from "@fanfare/domain";
import { z } from "zod";
import { invalidRequest, parseRequest } from "./parse-request.js";
import { ROUTES } from "./routes.js";

function refusalOf(schema: z.ZodType, value: unknown): AppError | undefined {
  try {
    parseRequest(schema, value, "nothing was stored");
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  return undefined;
}

/** Words of a validation library, and of the language that it is written in. */
const JARGON =
  /invalid|expected|received|unrecogni|too (small|big)|[<>]=|undefined|\bNaN\b|\bstring\b|boolean|pattern|regex|option|discriminator|literal|\barray\b|\bnull\b(?! may)/i;

const ODD = [
  undefined,
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  "",
  "x",
  "\0",
  "x".repeat(5_000),
  [],
  [1],
  [null],
  new Array(20).fill({}),
  {},
  { odd: 1 },
];

// biome-ignore lint/suspicious/noExplicitAny: a JSON Schema is looked into as it is
type Loose = any;

/** Values that fit a schema but for one place each, and one that is nothing of what it has to be. */
function oddValues(schema: Loose, depth = 0): unknown[] {
  const branches: Loose[] = schema.anyOf ?? schema.oneOf ?? [schema];
  const deeper = depth > 4 ? [] : branches.flatMap((branch) => oddParts(branch, depth));
  return [...ODD, ...deeper];
}

function oddParts({ properties = {}, items, additionalProperties }: Loose, depth: number): unknown[] {
  const known = Object.entries(properties).flatMap(([name, nested]) =>
    oddValues(nested, depth + 1).map((value) => ({ [name]: value })),
  );
  const entries = items ? oddValues(items, depth + 1).map((value) => [value]) : [];
  const others = typeof additionalProperties === "object" ? oddValues(additionalProperties, depth + 1) : [];
  return [...known, ...entries, ...others.map((value) => ({ other: value }))];
}

const schemas = [
  ...(["FCM", "APN"] as const).map((type) => ({
    name: `a credential (${type})`,
    schema: contentSchemaOf(type) as z.ZodType,
  })),
  ...ROUTES.flatMap(({ operationId, body, query, params }) =>
    Object.entries({ body, query, params }).flatMap(([part, schema]) =>
      schema ? [{ name: `${operationId} (${part})`, schema: schema as z.ZodType }] : [],
    ),
  ),
];

test.each(schemas)("whatever is wrong with $name is said without jargon, once for each place", ({ schema }) => {
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "inline" });
  let refused = 0;
  for (const value of oddValues(json)) {
    const error = refusalOf(schema, value);
    if (!error) continue;
    refused += 1;
    expect(error.errors.length).toBeGreaterThan(0);
    expect(error.errors.map(({ detail }) => detail).filter((detail) => JARGON.test(detail))).toEqual([]);
    expect(FIELD_CODES).toEqual(expect.arrayContaining(error.errors.map(({ code }) => code)));
    const isMixedUp = ({ code, detail }: FieldProblem) => (code === "missing") !== (detail === MISSING);
    expect(error.errors.filter(isMixedUp)).toEqual([]);
    const pointers = error.errors.map(({ pointer }) => pointer);
    expect(new Set(pointers).size).toBe(pointers.length);
  }
  expect(refused).toBeGreaterThan(5);
});

test("what is wrong with an override is said without jargon too", () => {
  const send = ROUTES.find(({ operationId }) => operationId === "sendNotifications")?.body as unknown as z.ZodType;
  for (const fcm of [
    { data: 5 },
    { data: { a: 1 } },
    { android: 5 },
    { apns: { headers: { a: 1 } } },
    { apns: { payload: 1 } },
  ]) {
    const error = refusalOf(send, { to: [{ provider: "FCM", token: "x" }], content: { title: "x" }, fcm });
    const details = error?.errors.map(({ detail }) => detail) ?? [];
    expect([fcm, details.length]).toEqual([fcm, 1]);
    expect(details.filter((detail) => JARGON.test(detail))).toEqual([]);
  }
});

test.each([
  [{}, "missing: is missing"],
  [{ a: null }, "invalid-type: must be an object or a text"],
  [{ a: 5 }, "invalid-type: must be an object or a text"],
  [{ a: [] }, "invalid-type: must be an object or a text"],
  [{ a: "" }, "too-small: must not be empty"],
])(
  "of what may have one of several forms it is said which its kind is, and then what is wrong in that (%j)",
  (value, said) => {
    const schema = z.strictObject({ a: z.union([z.record(z.string(), z.unknown()), z.string().min(1)]) });
    expect(refusalOf(schema, value)?.errors.map(({ code, detail }) => `${code}: ${detail}`)).toEqual([said]);
  },
);

test("a field without a name is told as such", () => {
  const [problem] = refusalOf(z.strictObject({}), { "": 1 })?.errors ?? [];
  expect([problem?.pointer, problem?.detail]).toEqual(["/", '"" is not a field here.']);
});

test("of several problems in one place the first is told", () => {
  const problem = (pointer: string, detail: string): FieldProblem => ({ pointer, code: "invalid-value", detail });
  const error = invalidRequest([problem("/a", "1"), problem("/b", "2"), problem("/a", "3")], "nothing was stored");
  expect(error.detail).toBe("2 fields are not valid; nothing was stored.");
  expect(error.errors.map(({ detail }) => detail)).toEqual(["1", "2"]);
});

test("a long name of a field is cut", () => {
  const [problem] = refusalOf(z.strictObject({}), { ["x".repeat(65)]: 1 })?.errors ?? [];
  expect(problem?.pointer).toBe(`/${"x".repeat(64)}…`);
  expect(problem?.detail).toBe(`${"x".repeat(64)}… is not a field here.`);
  expect(refusalOf(z.strictObject({}), { ["x".repeat(64)]: 1 })?.errors[0]?.pointer).toBe(`/${"x".repeat(64)}`);
});

test("what has none of several forms, told apart by one field, is named", () => {
  const schema = z.discriminatedUnion("kind", [z.object({ kind: z.literal("a") }), z.object({ kind: z.literal("b") })]);
  expect(refusalOf(schema, { kind: "c" })?.errors).toHaveLength(1);
});

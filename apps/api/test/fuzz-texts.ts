import fc from "fast-check";

const UUID = "01a20fdc-ef66-1ec2-c5ce-59c50d691f03";

/** Texts that break what is not careful. */
export const nastyText = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "",
    " ",
    "\u0000",
    "\ud800",
    "🏳️‍🌈".repeat(20),
    "__proto__",
    "constructor",
    "NaN",
    "null",
    "-0",
    "1e999",
  ),
  fc.constantFrom(
    "'; drop table operations; --",
    "{{ 'a' | append: 'b' }}",
    "{% for i in (1..9) %}",
    "{{",
    "%00",
    "../../etc/passwd",
  ),
  fc.constantFrom("comms_operation_01h2xcejqtf2nbrexx00000000", "9999-99-99T99:99:99Z", "2026-11-24T00:00:00+99:99"),
  fc.constantFrom(
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59-23:59",
    "1969-12-31T23:59:59.999Z",
    "2026-02-29T00:00:00Z",
  ),
  // Page tokens of every list, with what no list made.
  fc
    .constantFrom("before", "recordedAt", "operationId", "ordinal", "id")
    .map((key) =>
      Buffer.from(JSON.stringify({ [key]: "0000-01-01T00:00:00Z", id: UUID, ordinal: 1 })).toString("base64url"),
    ),
  fc.constant(Buffer.from(JSON.stringify({ recordedAt: "0000-01-01T00:00:00Z", id: UUID })).toString("base64url")),
  fc.integer({ min: 1_000, max: 20_000 }).map((length) => "x".repeat(length)),
);
/** Numbers that break what is not careful. */
export const nastyNumber = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, -1, 2 ** 31, 2 ** 53, -(2 ** 53), 1e308),
);
/** Values that break what is not careful. */
export const nastyValue = fc.oneof(
  { depthSize: "small" },
  nastyText,
  nastyNumber,
  fc.boolean(),
  fc.constant(null),
  fc.jsonValue({ maxDepth: 4 }),
  fc.array(nastyText, { maxLength: 5 }),
  fc.integer({ min: 50, max: 3_000 }).map((depth) => JSON.parse("[".repeat(depth) + "]".repeat(depth))),
);

/** One in so many is a value, the others are undefined. */
export const rarely = <Value>(arbitrary: fc.Arbitrary<Value>, oneIn: number): fc.Arbitrary<Value | undefined> =>
  fc.oneof({ weight: oneIn - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

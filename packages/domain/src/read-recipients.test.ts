import fc from "fast-check";
import { z } from "zod";
import { formatId, mintRowId } from "./ids.js";
import { readRecipients } from "./read-recipients.js";
import { recipientSchema, TOKEN_MAX_LENGTH } from "./recipient.js";

const bySchema = (values: unknown[]) => z.array(recipientSchema).safeParse(values).data;

/** Characters at the edges of what the schema allows. */
const character = fc.constantFrom(...'ab~!\u007f \t\n\0"\\é日', "\ud800", "😀", "\u2028", "\u200b");
const rarely = <Value>(arbitrary: fc.Arbitrary<Value>, other: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 14, arbitrary }, other);
const text = rarely(fc.stringMatching(/^[\x21-\x7e]{1,20}$/), fc.string({ unit: character, maxLength: 6 }));
const edges = [
  "",
  ".",
  "..",
  "...",
  ...[TOKEN_MAX_LENGTH, TOKEN_MAX_LENGTH + 1].flatMap((length) => ["x".repeat(length), "é".repeat(length)]),
];
const token = rarely(text, fc.constantFrom(...edges));
const provider = rarely(fc.constantFrom("FCM", "APN"), fc.constantFrom("fcm", "", "APNS"));
const junk = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom([], {}, "", null, 0));
const longText = fc.tuple(fc.integer({ min: 300, max: 4_200 }), character).map(([length, unit]) => unit.repeat(length));
const value = rarely(fc.oneof(text, fc.double(), fc.boolean(), fc.constant(null)), fc.oneof(longText, junk));
const name = rarely(text, fc.constantFrom("__proto__", "constructor", "1"));
const variables = rarely(
  fc.array(fc.tuple(name, value), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  junk,
);
const userId = rarely(fc.constant(formatId("pushnotificationuser", mintRowId())), text);
const policy = rarely(fc.constantFrom("first", "all"), junk);
const locale = rarely(fc.constantFrom("pt-BR", "de"), fc.constantFrom("p", 1, null));
const address = fc.record({ provider, token });
const addresses = rarely(
  fc.array(rarely(address, junk), { minLength: 1, maxLength: 4 }),
  fc.array(address, { maxLength: 11 }),
);
const common = fc.oneof(
  fc.record({ provider, token }),
  fc.record({ token, variables, provider }),
  fc.record({ provider, token, variables, locale }, { requiredKeys: ["provider", "token"] }),
  fc.record({ addresses, policy, variables, locale }, { requiredKeys: ["addresses"] }),
  fc.record({ userId, variables }, { requiredKeys: ["userId"] }),
);
const more = fc.dictionary(fc.constantFrom("__proto__", "variables", "locale", "policy", "colour", "userId"), junk);
/** As a body has it: whatever JSON.parse makes, a key `__proto__` among it. */
const parsed = rarely(
  fc.tuple(common, rarely(fc.constant({}), more)).map(([fields, others]) => {
    const entries = [...Object.entries(fields), ...Object.entries(others as object)];
    return JSON.parse(`{${entries.map(([key, item]) => `${JSON.stringify(key)}:${JSON.stringify(item)}`)}}`);
  }),
  junk,
);

test("recipients are read as the schema reads them, and refused when it refuses them", () => {
  const read = { accepted: 0, refused: 0 };
  fc.assert(
    fc.property(parsed, (recipient) => {
      const expected = bySchema([structuredClone(recipient)]);
      read[expected ? "accepted" : "refused"] += 1;
      expect(readRecipients([recipient])).toEqual(expected);
    }),
    { numRuns: 5_000 },
  );
  // Neither is a rarity among what is tried.
  expect(Math.min(...Object.values(read))).toBeGreaterThan(1_000);
});

test.each([
  ["a key named __proto__ beside a token", '{"provider":"FCM","token":"t","__proto__":{}}'],
  ["a token that stands in __proto__", '{"provider":"FCM","__proto__":{"token":"t"}}'],
  ["a list in place of a recipient", '["FCM","t"]'],
  ["variables that are a list", '{"provider":"FCM","token":"t","variables":["x"]}'],
  ["variables named __proto__", '{"provider":"FCM","token":"t","variables":{"__proto__":1}}'],
  ["an address with a third field", '{"addresses":[{"provider":"FCM","token":"t","locale":"de"}]}'],
  ["addresses that are null", '{"addresses":null,"provider":"FCM","token":"t"}'],
])("%s is refused", (_what, json) => {
  expect(bySchema([JSON.parse(json)])).toBeUndefined();
  expect(readRecipients([JSON.parse(json)])).toBeUndefined();
});

test("variables at the limit of their bytes are accepted, one byte more is refused, whatever they consist of", () => {
  for (const unit of ["x", "é", "日", '"', "\u001f"]) {
    const bytesOf = (count: number) => Buffer.byteLength(JSON.stringify({ name: unit.repeat(count) }));
    const most = Math.floor((4_096 - bytesOf(0)) / (bytesOf(1) - bytesOf(0)));
    const withName = (count: number) => [{ provider: "FCM", token: "t", variables: { name: unit.repeat(count) } }];
    expect(readRecipients(withName(most))).toEqual(withName(most));
    expect(readRecipients(withName(most + 1))).toBeUndefined();
  }
});

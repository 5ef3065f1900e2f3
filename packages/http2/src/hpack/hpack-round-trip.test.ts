import fc from "fast-check";
import { createHpackDecoder } from "./decoder.js";
import { BEGIN_BYTES_AT_MOST, createHpackEncoder, encodedBytesAtMost } from "./encoder.js";

type Field = [name: string, value: string];

const text = (maxLength: number) =>
  fc.array(fc.integer({ min: 0, max: 255 }), { maxLength }).map((codes) => String.fromCharCode(...codes));
/** Few names and values, so that they come again, and any others. */
const name = fc.oneof(fc.constantFrom(":path", "authorization", "content-type", "apns-id", "x-a"), text(20));
const value = fc.oneof(fc.constantFrom("", "application/json", "a", "b"), text(60), text(5_000));
const block = fc.array(fc.tuple(name, value), { maxLength: 12 });
const tableSizes = fc.array(fc.integer({ min: 0, max: 10_000 }), { maxLength: 3 });

test("any lists of fields come out as they went in, whatever table sizes come between them", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(tableSizes, block), { maxLength: 12 }), (steps) => {
      const encoder = createHpackEncoder(["authorization"]);
      const decoder = createHpackDecoder(10_000);
      for (const [sizes, fields] of steps) {
        for (const size of sizes) encoder.limitTable(size);
        const room = fields.reduce((sum, field) => sum + encodedBytesAtMost(...field), BEGIN_BYTES_AT_MOST);
        const out = Buffer.alloc(room);
        const end = fields.reduce((at, field) => encoder.field(out, at, ...field), encoder.begin(out, 0));
        const decoded: Field[] = [];
        decoder.decode(out, 0, end, (...field) => decoded.push(field));
        expect(decoded).toEqual(fields);
      }
    }),
    { numRuns: 300 },
  );
});

test("what is sent again and again takes a byte, what differs a name's index and its text, and a secret enters no table", () => {
  const encoder = createHpackEncoder(["authorization"]);
  const send = (apnsId: string) => {
    const out = Buffer.alloc(1_000);
    const fields: Field[] = [
      ["authorization", "bearer secret"],
      ["apns-topic", "com.example.app"],
      ["content-type", "application/json"],
      ["apns-id", apnsId],
    ];
    const end = fields.reduce((at, field) => encoder.field(out, at, ...field), encoder.begin(out, 0));
    return out.subarray(0, end);
  };
  send("1");
  send("2");
  const third = send("3");
  const authorization = Buffer.from([0x1f, 23 - 15, 13, ...Buffer.from("bearer secret")]);
  expect(third.subarray(0, authorization.length)).toEqual(authorization);
  expect(third).toHaveLength(authorization.length + 1 + 1 + 2 + 2);
});

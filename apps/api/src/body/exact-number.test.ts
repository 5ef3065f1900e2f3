import fc from "fast-check";
import { isKept } from "./exact-number.js";

test("whatever number JSON.stringify writes is kept", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger(), fc.integer()),
      (value) => {
        expect(isKept(JSON.stringify(value))).toBe(true);
      },
    ),
    { numRuns: 5_000 },
  );
});

test.each([
  ...["0", "-0", "0.0", "0e10", "-0.000e-400", "1e300", "5e-324", "100000000000000000000", "1e21", "3.0", "1.50"],
  // 17 digits are what a double is written with where nobody looks for the shortest form.
  ...[
    "0.10000000000000001",
    "48.858370000000001",
    "9007199254740992",
    "123456789012345.25",
    "1.7976931348623157e308",
    "1849321506421363.2",
  ],
])("%s is kept", (text) => {
  expect(isKept(text)).toBe(true);
});

test.each([
  ...["1e400", "-1e400", "1e-400", "-0.1e-400", "9007199254740993", "12345678901234567890", "9007199254740993.0"],
  ...["0.1234567890123456789", "1152921504606846976", "1".repeat(400), "900719925474099.37"],
])("%s is not", (text) => {
  expect(isKept(text)).toBe(false);
});

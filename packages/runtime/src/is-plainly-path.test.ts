import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { isPlainlyPath } from "./is-plainly-path.js";

test.each([
  "/run/secrets/apns-key",
  "/run/secrets/apns_key",
  "/etc/fanfare/AuthKey_ABCDEFGHIJ.p8",
  "AuthKey_ABCDEFGHIJ.p8",
  "keys/service-account.json",
  "./key.pem",
  "../key.pem",
  "~/key.pem",
  // Its folder is there, which tells it from base64.
  "/usr/bin/key",
])("%s is told as the path that it is", (path) => {
  expect(isPlainlyPath(path)).toBe(true);
});

test.each([
  "changeme",
  "/",
  "/abcDEF",
  "/nowhere/at/all",
  "./a key",
  "/a-----",
  "/a-",
  `/${"a/".repeat(200)}.p8`,
  "/a\n.p8",
  "./key",
  `${"a".repeat(20)}.p8`,
  "https://user:secret@vault.local/key.pem",
  "//user:secret@vault/key.json",
  "user:secret@vault/key.pem",
])("%j may be anything, and is not told", (text) => {
  expect(isPlainlyPath(text)).toBe(false);
});

test("no piece of base64 or base64url is taken for a path, whatever it begins with", () => {
  const piece = fc.tuple(fc.nat({ max: 300 }), fc.nat({ max: 300 }), fc.constantFrom("base64", "base64url"));
  const bytes = randomBytes(225);
  fc.assert(
    fc.property(piece, fc.constantFrom("", "/", "./", "~/"), ([from, length, encoding], before) => {
      return !isPlainlyPath(`${before}${bytes.toString(encoding as BufferEncoding).slice(from, from + length)}`);
    }),
    { numRuns: 2_000 },
  );
});

import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { canonicalKey } from "./private-key.js";
import { readSecretJson } from "./secret-json.js";

const pkcs8 = { type: "pkcs8", format: "pem" } as const;
const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey;
const pem = String(rsa.export(pkcs8));

test("a key has one form, whatever form it had, and that form is read again as itself", () => {
  const forms = [
    pem,
    String(rsa.export({ type: "pkcs1", format: "pem" })),
    rsa.export({ type: "pkcs8", format: "der" }),
  ];
  for (const form of forms) expect(canonicalKey("rsa", form)).toEqual({ pem });
  expect(createPrivateKey(pem).equals(rsa)).toBe(true);
});

test("a key stands among certificates and its curve's parameters, as servers and OpenSSL write them", () => {
  const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  const parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
  const key = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
  const sec1 = String(key.export({ type: "sec1", format: "pem" }));
  expect(canonicalKey("rsa", `${certificate}${pem}${certificate}`)).toEqual({ pem });
  expect(canonicalKey("p256", `${parameters}${sec1}`)).toEqual({ pem: key.export(pkcs8) });
});

test("a key of which one digit is another is damaged, though it has the form of a key", () => {
  const lines = pem.trimEnd().split("\n");
  const [, , line = ""] = lines;
  lines[2] = `${line.startsWith("A") ? "B" : "A"}${line.slice(1)}`;
  expect(canonicalKey("rsa", lines.join("\n"))).toEqual({
    problem: expect.stringMatching(/; these \d+ characters are a key that is damaged$/),
  });
});

test("two keys are not chosen between", () => {
  const other = String(generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey.export(pkcs8));
  for (const kind of ["rsa", "p256"] as const) {
    expect(canonicalKey(kind, `${pem}${other}`)).toEqual({
      problem: expect.stringMatching(/are 2 keys: give the one that is to sign$/),
    });
  }
});

test("a key whose line ends have lost their backslashes says what to do", () => {
  expect(canonicalKey("rsa", pem.replaceAll("\n", "n"))).toEqual({
    problem: expect.stringContaining("have lost their backslashes: set the setting in quotation marks"),
  });
});

// What a tenant gives is as large as a request lets it be.
test.each([
  "\\",
  '"',
  '"\\',
  "-----BEGIN",
  "-----BEGIN PRIVATE KEY-----",
  "-",
  " ",
  "A",
  "\\u",
  "'\"",
  '{"',
  "-----\n",
])("however often %j is repeated, it is refused at once", (piece) => {
  const text = piece.repeat(131_072 / piece.length);
  const began = performance.now();
  expect([canonicalKey("rsa", text), canonicalKey("p256", text)]).toMatchObject([
    { problem: expect.any(String) },
    { problem: expect.any(String) },
  ]);
  expect(readSecretJson(text)).toHaveProperty("fault");
  // It takes some tens of milliseconds; what is quadratic takes half a minute.
  expect(performance.now() - began).toBeLessThan(10_000);
});

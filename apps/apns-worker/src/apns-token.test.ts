import { generateKeyPairSync } from "node:crypto";
import jwt from "jsonwebtoken";
import { createApnsProviderToken } from "./apns-token.js";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const MINUTE = 60_000;

function aToken() {
  const clock = { ms: 0, seconds: 1_700_000_000 };
  const token = createApnsProviderToken({
    key,
    keyId: "ABCDEFGHIJ",
    teamId: "KLMNOPQRST",
    nowSeconds: () => clock.seconds,
    monotonicMs: () => clock.ms,
  });
  return { clock, token };
}

test("it is signed with ES256 and names the key, the team and the time", () => {
  const { token } = aToken();
  const { header, payload } = jwt.verify(token.authorization().slice("bearer ".length), publicKey, {
    algorithms: ["ES256"],
    complete: true,
    ignoreExpiration: true,
  });
  expect(header).toMatchObject({ alg: "ES256", kid: "ABCDEFGHIJ" });
  expect(payload).toEqual({ iss: "KLMNOPQRST", iat: 1_700_000_000 });
});

test("one token serves for 50 minutes, then another", () => {
  const { token, clock } = aToken();
  const first = token.authorization();
  clock.ms = 50 * MINUTE;
  clock.seconds += 3_000;
  expect(token.authorization()).toBe(first);
  clock.ms += 1;
  expect(token.authorization()).not.toBe(first);
});

test("a wall clock that jumps does not mint a token every call", () => {
  const { token, clock } = aToken();
  const first = token.authorization();
  clock.seconds -= 7_200;
  expect(token.authorization()).toBe(first);
  clock.seconds += 86_400;
  expect(token.authorization()).toBe(first);
});

test("a token that APNs calls expired is replaced, but never within 20 minutes of its making", () => {
  const { token, clock } = aToken();
  const first = token.authorization();
  clock.seconds += 60;
  token.expired();
  expect(token.authorization()).toBe(first);
  clock.ms = 20 * MINUTE + 1;
  token.expired();
  expect(token.authorization()).not.toBe(first);
});

test.each([
  ["text that is no key", "nonsense", "not a private key in PEM form"],
  [
    "an RSA key",
    generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    "not a P-256 key",
  ],
])("%s is refused at start, by the setting's name", (_what, bad, problem) => {
  const make = () => createApnsProviderToken({ key: bad, keyId: "ABCDEFGHIJ", teamId: "KLMNOPQRST" });
  expect(make).toThrow("APNS_KEY");
  expect(make).toThrow(problem);
});

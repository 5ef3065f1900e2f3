import { generateKeyPairSync } from "node:crypto";
import jwt from "jsonwebtoken";
import { createApnsProviderToken } from "./apns-token.js";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();

// A token of this period was issued 16 minutes ago, and is used for 34 more.
const NOW = 1_700_000_160;
const ISSUED = 1_699_999_200;

function aToken(nowSeconds = NOW) {
  const clock = { ms: 0, seconds: nowSeconds };
  const token = createApnsProviderToken({
    key,
    keyId: "ABCDEFGHIJ",
    teamId: "KLMNOPQRST",
    nowSeconds: () => clock.seconds,
    monotonicMs: () => clock.ms,
  });
  const pass = (seconds: number) => {
    clock.ms += seconds * 1_000;
    clock.seconds += seconds;
  };
  return { clock, token, pass };
}

const read = (authorization: string) =>
  jwt.verify(authorization.slice("bearer ".length), publicKey, {
    algorithms: ["ES256"],
    complete: true,
    ignoreExpiration: true,
  });
const issuedAt = (authorization: string) => (read(authorization).payload as jwt.JwtPayload).iat ?? 0;

test("it is signed with ES256 and names the key, the team and the time", () => {
  const { header, payload } = read(aToken().token.authorization());
  expect(header).toMatchObject({ alg: "ES256", kid: "ABCDEFGHIJ" });
  expect(payload).toEqual({ iss: "KLMNOPQRST", iat: ISSUED });
});

test("processes that start at different moments use the very same token", () => {
  const tokens = [NOW, NOW + 1, NOW + 800].map((now) => aToken(now).token.authorization());
  expect(new Set(tokens).size).toBe(1);
});

test("whenever it is asked for, a token is from 10 to 50 minutes old, and none is replaced within 20 minutes", () => {
  const { token, pass, clock } = aToken();
  const minted: number[] = [];
  for (let minute = 0; minute < 600; minute++) {
    const iat = issuedAt(token.authorization());
    const age = clock.seconds - iat;
    expect(age).toBeGreaterThanOrEqual(600);
    expect(age).toBeLessThanOrEqual(3_000);
    if (minted.at(-1) !== iat) minted.push(iat);
    pass(60);
  }
  expect(minted.slice(1).map((iat, index) => iat - (minted[index] ?? 0))).toEqual(minted.slice(1).map(() => 2_400));
});

test("a wall clock that jumps does not mint a token every call", () => {
  const { token, clock } = aToken();
  const first = token.authorization();
  clock.seconds -= 7_200;
  expect(token.authorization()).toBe(first);
  clock.seconds += 86_400;
  expect(token.authorization()).toBe(first);
});

test("a clock that is an hour ahead makes one token all the same", () => {
  const { token, pass } = aToken(NOW + 3_600);
  const first = token.authorization();
  for (let call = 0; call < 5; call++) {
    pass(1);
    expect(token.expired(first)).toBe(true);
  }
  const second = token.authorization();
  expect(token.expired(second)).toBe(false);
  expect(token.authorization()).toBe(second);
  expect([first, second].map(issuedAt)).toEqual(
    [NOW + 3_600 - ((NOW + 3_000) % 2_400) - 600, NOW + 3_601].map(Math.floor),
  );
});

test("a token that APNs calls expired is replaced once, but never within 20 minutes of its making", () => {
  const { token, pass } = aToken(ISSUED + 700);
  const first = token.authorization();
  expect(token.expired(first)).toBe(false);
  expect(token.authorization()).toBe(first);
  pass(600);
  expect(token.expired(first)).toBe(true);
  const second = token.authorization();
  expect(issuedAt(second)).toBe(ISSUED + 1_300);
  expect(token.expired(second)).toBe(false);
  expect(token.authorization()).toBe(second);
});

test("a thousand requests that carried the same expired token have one new token made", () => {
  const { token, pass } = aToken(ISSUED + 1_300);
  const first = token.authorization();
  const replaced = Array.from({ length: 1_000 }, () => {
    pass(1);
    expect(token.expired(first)).toBe(true);
    return token.authorization();
  });
  expect(new Set(replaced).size).toBe(1);
});

test.each([
  ["text that is no key", "nonsense", "not a private key in PEM form"],
  [
    "an RSA key",
    generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    "not a P-256 key",
  ],
])("%s is refused", (_what, bad, problem) => {
  const make = () => createApnsProviderToken({ key: bad, keyId: "ABCDEFGHIJ", teamId: "KLMNOPQRST" });
  expect(make).toThrow(problem);
});
